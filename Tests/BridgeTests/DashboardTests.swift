import Foundation
import Testing

@testable import Bridge

/// The page at the root, and the files that belong to it.
///
/// What it does in a browser is tested in Tests/page.
@Suite struct DashboardTests {
    private let bridge: BridgeFixture

    init() throws { bridge = try BridgeFixture("ipc:///tmp/botstats-nobody-is-here") }

    @Test func `the page at the root lets a browser load nothing from elsewhere`() async throws {
        let page = try await bridge.getRoot("/")
        #expect(page.status == 200)
        #expect(page["Content-Type"] == "text/html; charset=utf-8")
        #expect(
            page["Content-Security-Policy"] == "default-src 'none'; script-src 'self'; "
                + "style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
                + "form-action 'none'; frame-ancestors 'none'"
        )
        #expect(page["X-Content-Type-Options"] == "nosniff")
        #expect(page["Referrer-Policy"] == "no-referrer")
        // The policy forbids what stands in the page itself: it would be of no effect.
        #expect(!page.text.contains("style=") && !page.text.contains("<style"))
        #expect(page.text.matches(of: #/<script(?![^>]*\ssrc=)/#).isEmpty)
        #expect(page.text.matches(of: #/\son\w+=/#).isEmpty)
    }

    @Test func `every file of the page is served as it lies in the repository`() async throws {
        let directory = repositoryFile("Sources/CBridgeAssets/page")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        let types = [
            "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
            "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
        ]
        for name in names {
            let answer = try await bridge.getRoot(name == "index.html" ? "/" : "/page/\(name)")
            let file = directory.appending(path: name)
            #expect(try answer.body == Array(Data(contentsOf: file)), "\(name)")
            #expect(answer["Content-Type"] == types[file.pathExtension], "\(name)")
            #expect(answer["X-Content-Type-Options"] == "nosniff", "\(name)")
            #expect(answer["Cache-Control"] == "private, no-cache", "\(name)")
        }
        #expect(Asset.all.map(\.path).filter(Self.isPart).count == names.count)
    }

    @Test func `whatever the page names is served, and nothing else is there`() async throws {
        var missing = ["/"]
        var seen: Set<String> = []
        while let path = missing.popLast() {
            guard seen.insert(path).inserted else { continue }
            let answer = try await bridge.getRoot(path)
            #expect(answer.status == 200, "\(path)")
            // What describes the interface has a page of its own.
            if !Self.isPart(path) { continue }
            let text = answer.text.replacing("http://www.w3.org/2000/svg", with: "")
            #expect(!text.contains("http:") && !text.contains("https:"), "\(path)")
            #expect(!text.contains("innerHTML") && !text.contains("@import"), "\(path)")
            for match in text.matches(of: #/(?:src|href)="(/[^"]*)"/#) {
                missing.append(String(match.1))
            }
            for match in text.matches(of: #/from "\./([^"]*)"/#) {
                missing.append("/page/\(match.1)")
            }
        }
        #expect(seen.filter(Self.isPart) == Set(Asset.all.map(\.path).filter(Self.isPart)))
        #expect(try await bridge.getRoot("/page/nothing.js").status == 404)
        #expect(try await bridge.getRoot("/page/").status == 404)
    }

    /// Whether a path belongs to the page.
    private static func isPart(_ path: String) -> Bool { path == "/" || path.hasPrefix("/page/") }

    @Test func `a browser that has a file is told that it is still the same`() async throws {
        for path in ["/", "/page/page.js"] {
            let tag = try #require(try await bridge.getRoot(path)["ETag"])
            let again = try await bridge.getRoot(path, [("If-None-Match", tag)])
            #expect(again.status == 304)
            #expect(again.body.isEmpty)
            #expect(again["ETag"] == tag)
            #expect(try await bridge.getRoot(path, [("If-None-Match", "W/\"0\"")]).status == 200)
            let compressed = try await bridge.getRoot(path, [("Accept-Encoding", "gzip")])
            #expect(compressed["Content-Encoding"] == "gzip")
            let head = try await HTTP.request("HEAD", bridge.bridge.url + path)
            #expect(head.status == 200)
            #expect(head["ETag"] == tag)
        }
    }

    @Test func `the page takes nothing but to be read`() async throws {
        for method in ["POST", "PUT", "DELETE"] {
            let answer = try await HTTP.request(method, bridge.bridge.url + "/")
            #expect(answer.status == 405)
            #expect(answer.code == "method_not_allowed")
            #expect(answer["Allow"] == "GET, HEAD, OPTIONS")
        }
    }
}
