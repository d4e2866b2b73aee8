import Foundation

/// A PDF as poppler's tools read it.
struct PDFFile {
    let text: String
    let information: [String: String]
    let fonts: [(isEmbedded: Bool, hasText: Bool)]

    init(_ bytes: [UInt8]) throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "botstats-\(UUID().uuidString).pdf")
        try Data(bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        text = try Tool.run("pdftotext", ["-layout", url.path, "-"])
        let lines = try Tool.run("pdfinfo", ["-isodates", url.path]).split(separator: "\n")
        information = Dictionary(
            uniqueKeysWithValues: lines.compactMap { line in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                return (String(line[..<colon]), value)
            }
        )
        fonts = try Tool.run("pdffonts", [url.path]).split(separator: "\n").dropFirst(2)
            .map { line in
                // … emb sub uni object ID
                let words = line.split(separator: " ").suffix(5).map(String.init)
                return (words[0] == "yes", words[2] == "yes")
            }
    }

    /// The lines of each page, with single spaces between their words.
    var pages: [[String]] {
        text.split(separator: "\u{c}").map { page in
            page.split(separator: "\n").map {
                $0.split(separator: " ").joined(separator: " ")
            }
        }
    }

    /// The lines of all pages.
    var lines: [String] { pages.flatMap { $0 } }
}

/// A program of the system.
enum Tool {
    struct Failure: Error {
        let name: String
        let status: Int32
    }

    static func run(_ name: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/\(name)")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(name: name, status: process.terminationStatus)
        }
        return String(decoding: data, as: UTF8.self)
    }
}
