import Core
import Foundation
import Testing

@testable import Access

/// Names that keys are tied to, and the directory of keys.
struct CurveClientTests {
    private static let keys = [
        "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
    ]
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(
        arguments: [
            // Untied; one name; a list with blanks; the beginning of names; none at all.
            (nil, "anything", true), (nil, nil, true), ("a", "a", true), ("a", "ab", false),
            ("a", nil, false), ("a, b ,c", "b", true), ("a, b ,c", "b ", false),
            ("a b", "a b", true), ("bot-*", "bot-", true), ("bot-*", "bot-7", true),
            ("bot-*", "bot", false), ("*", "anything", true), ("*", nil, false), ("", "a", false),
            (",", "", false), ("a*b", "a*b", true), ("a*b", "aab", false),
            // Composed and decomposed: one text to Swift, two names here.
            ("\u{e9}", "e\u{301}", false),
        ] as [(String?, String?, Bool)]
    )
    func `a key publishes under the names it is tied to`(
        producers: String?,
        name: String?,
        isAllowed: Bool
    ) {
        let client = CurveClient(name: "alice", producers: producers)
        #expect(client.mayPublish(as: name.map { ProducerName($0) }) == isAllowed)
    }

    private func write(_ name: String, _ key: String) throws {
        try directory.write("curve\n public-key = \"\(key)\"\n", to: name)
    }

    @Test func `the directory is followed`() throws {
        var clients = try CurveClients(directory: directory.path)
        #expect(clients.follow(now: 0)?.isEmpty == true, "the first look")
        #expect(clients.follow(now: 0) == nil, "nothing has changed")
        try write("a.key", Self.keys[0])
        try write("b.key_secret", Self.keys[1])
        try write(".c.key", Self.keys[1])
        // The clock of files has steps, so that a change may first be seen by the next full look.
        #expect(clients.follow(now: 100)?.isEmpty == true)
        #expect(clients.byKey.keys.sorted() == [Self.keys[0]])
        #expect(clients.byKey[Self.keys[0]]?.name == "a")

        try directory.write("spoilt, and of another length", to: "a.key")
        #expect(clients.follow(now: 200)?.count == 1)
        #expect(clients.byKey.isEmpty)
        #expect(clients.follow(now: 300) == nil, "it is complained of once")

        try write("a.key", Self.keys[1])
        try write("b.key", Self.keys[1])
        let failures = clients.follow(now: 400)?.map(\.description)
        #expect(failures?.count == 1)
        #expect(failures?.first?.contains("b.key has the same public-key") == true)
        #expect(clients.byKey.values.map(\.name) == ["a"])

        try FileManager.default.removeItem(atPath: directory.path)
        #expect(clients.follow(now: 500)?.count == 1)
        #expect(clients.byKey.isEmpty, "nobody may connect")
        #expect(clients.follow(now: 600) == nil)
        #expect(throws: AccessFailure.self) { try CurveClients(directory: directory.path) }
        try FileManager.default.createDirectory(
            atPath: directory.path,
            withIntermediateDirectories: true
        )
        try write("a.key", Self.keys[0])
        #expect(clients.follow(now: 700)?.isEmpty == true)
        #expect(clients.byKey.count == 1)
    }
}
