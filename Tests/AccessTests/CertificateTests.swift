import Certificates
import Foundation
import Testing
import ZeroMQ

/// `protocol/curve.md`: the files of keys.
struct CertificateTests {
    private static let key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
    private let directory: TemporaryDirectory
    private let keys: CurveKeyPair

    init() throws {
        directory = try TemporaryDirectory()
        keys = try CurveKeyPair.generate()
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    // MARK: - Texts

    @Test(
        arguments: [
            "curve\n    public-key = \"\(key)\"\n", "curve\n  public-key = '\(key)'",
            "# note\r\n\r\nmetadata\r\n\tname = x\r\ncurve\r\n\tpublic-key=\(key)\r\n",
            "curve\n public-key = \"\(key)\" # the key\n",
            "other\n a = 1\ncurve\npublic-key=\(key)",
        ]
    )
    func `a public key is found in every form of the file`(text: String) throws {
        let certificate = try CurveCertificate(parsing: text)
        #expect(certificate.publicKey == Self.key)
        #expect(certificate.keys == nil)
    }

    @Test(
        arguments: [
            "", "curve\n", "public-key = \"\(key)\"\n", "metadata\n public-key = \"\(key)\"\n",
            "curve\n public-key = \"\(key.dropLast())\"\n", "curve\n public-key = \"\(key)x\"\n",
            "curve\n public-key = \"\(key.dropLast())~\"\n",
            "curve\n public-key = \"\(key.dropLast(2))é\"\n",
            "curve\n public-key = \"\(key)\"\n public-key = \"\(key)\"\n",
            "curve\n public-key = \"\(key)\"\n secret-key = \"\(key)\"\n",
            "curve\n public-key = \"\(key)\"\n secret-key = \"short\"\n",
            "metadata\n producers = a\n producers = b\ncurve\n public-key = \"\(key)\"\n",
        ]
    )
    func `a text that is no certificate is refused`(text: String) {
        #expect(throws: CertificateFault.self) { try CurveCertificate(parsing: text) }
    }

    // MARK: - Files

    @Test func `a pair is written for its owner only, and read again`() throws {
        let path = directory.path + "/alice"
        let metadata = ["producers": "a,b-*", "name": "Alice"]
        try CertificateFile.write(CurveCertificate(keys, metadata: metadata), to: path)
        #expect(try mode(path + ".key_secret") == 0o600)
        #expect(try CertificateFile.readPair(path + ".key_secret") == keys)
        let certificate = try CertificateFile.read(path + ".key")
        #expect(certificate.publicKey == keys.publicKey)
        #expect(certificate.metadata == metadata)
        let text = try String(contentsOfFile: path + ".key", encoding: .utf8)
        #expect(!text.contains(keys.secretKey))
    }

    @Test(arguments: [".key", ".key_secret"])
    func `a file that is there is never overwritten`(suffix: String) throws {
        let path = directory.path + "/alice"
        try directory.write("mine", to: "alice" + suffix)
        let failure = #expect(throws: CertificateFileFailure.self) {
            try CertificateFile.write(CurveCertificate(keys), to: path)
        }
        #expect(failure?.description == "\(path)\(suffix) exists and is not overwritten")
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(left == ["alice" + suffix], "no half of a pair")
        #expect(try String(contentsOfFile: path + suffix, encoding: .utf8) == "mine")
    }

    @Test func `a secret key that others can read, or none, is refused`() throws {
        let path = directory.path + "/alice"
        try CertificateFile.write(CurveCertificate(keys), to: path)
        func reason(_ path: String) -> String {
            let failure = #expect(throws: CertificateFileFailure.self) {
                try CertificateFile.readPair(path)
            }
            return failure?.reason ?? ""
        }
        #expect(reason(path + ".key").contains("key_secret"))
        #expect(reason(directory.path).contains("is no file"))
        #expect(reason(path).contains("cannot be read"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644],
            ofItemAtPath: path + ".key_secret"
        )
        #expect(reason(path + ".key_secret").contains("chmod 600"))
        try directory.write(String(repeating: "#", count: 70_000), to: "long")
        #expect(reason(directory.path + "/long").contains("65536"))
    }

    // MARK: - PyZMQ

    @Test(.enabled(if: Python.hasZeroMQ, "a Python with the module zmq"))
    func `PyZMQ reads these files, and its files are read here`() throws {
        let path = directory.path + "/swift"
        try CertificateFile.write(CurveCertificate(keys, metadata: ["producers": "p"]), to: path)
        let printed = try Python.run(
            """
            import sys, zmq.auth
            print(*[key.decode() for key in zmq.auth.load_certificate(sys.argv[1])])
            print(zmq.auth.load_certificate(sys.argv[2])[1])
            zmq.auth.create_certificates(sys.argv[3], "python", {"producers": "a, b-*"})
            """,
            [path + ".key_secret", path + ".key", directory.path]
        )
        #expect(printed == "\(keys.publicKey) \(keys.secretKey)\nNone")
        let python = directory.path + "/python"
        let publicKey = try CertificateFile.read(python + ".key").publicKey
        #expect(throws: CertificateFileFailure.self, "it is open to everybody") {
            try CertificateFile.readPair(python + ".key_secret")
        }
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600],
            ofItemAtPath: python + ".key_secret"
        )
        #expect(try CertificateFile.readPair(python + ".key_secret").publicKey == publicKey)
        #expect(
            try CertificateFile.read(python + ".key_secret").metadata == ["producers": "a, b-*"]
        )
    }
}
