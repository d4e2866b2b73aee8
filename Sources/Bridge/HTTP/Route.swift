internal import Hummingbird

/// One path and what can be done with it.
struct Route: Sendable {
    /// What a request for it does.
    enum Action: Sendable, Equatable {
        /// Asks the daemon; what it says may be kept and asked for again with its ETag.
        case query(String)
        /// Asks the daemon for what holds only now.
        case present(String)
        /// Sends figures as they come to whom the daemon answers this question.
        case stream(String)
        /// Has the daemon make a report.
        case createReport
        /// Gives a report, or its bytes.
        case report
        case health
        case readiness
        case metrics
        case asset(Asset)
    }

    /// The path with names for its variable parts, as metrics and `openapi.json` have it.
    let template: String
    /// What each method does; GET serves HEAD as well.
    let actions: [(method: HTTPRequest.Method, action: Action)]

    /// What a method does; nil where it is not allowed.
    func action(for method: HTTPRequest.Method) -> Action? {
        let wanted = method == .head ? .get : method
        return actions.first { $0.method == wanted }?.action
    }

    /// The value of an `Allow` header.
    var allow: String {
        var names = actions.map(\.method.rawValue)
        if names.contains("GET") { names.append("HEAD") }
        return (names + ["OPTIONS"]).joined(separator: ", ")
    }
}

/// All paths.
enum Routes {
    /// Where the interface's paths begin.
    static let base = "/api/v1/analytics"

    /// Finds a path's route.
    ///
    /// - Parameter path: The request's path without its query.
    /// - Returns: The route and what stands in the place of its `{id}`; nil where there is none.
    static func find(_ path: String) -> (route: Route, identifier: Substring?)? {
        if let route = table[path] { return (route, nil) }
        // The one path with a variable part.
        let parent = base + "/reports/"
        guard path.hasPrefix(parent) else { return nil }
        let identifier = path.dropFirst(parent.count)
        return identifier.isEmpty || identifier.contains("/") ? nil : (report, identifier)
    }

    private static let report = Route(
        template: base + "/reports/{id}",
        actions: [(.get, .report), (.delete, .present("reports.delete"))]
    )

    /// Every one.
    static var all: [Route] { table.values + [report] }

    private static let table: [String: Route] = {
        var routes = [
            Route(template: "/health", actions: [(.get, .health)]),
            Route(template: "/ready", actions: [(.get, .readiness)]),
            Route(template: "/metrics", actions: [(.get, .metrics)]),
            Route(template: "/docs", actions: [(.get, .asset(.page))]),
            Route(template: "/docs/docs.css", actions: [(.get, .asset(.style))]),
            Route(template: "/docs/docs.js", actions: [(.get, .asset(.script))]),
            Route(template: base + "/openapi.json", actions: [(.get, .asset(.openAPI))]),
            Route(template: base + "/health", actions: [(.get, .present("system.status"))]),
            Route(template: base + "/realtime", actions: [(.get, .present("realtime"))]),
            Route(
                template: base + "/realtime/active",
                actions: [(.get, .present("realtime.active"))]
            ),
            Route(template: base + "/realtime/stream", actions: [(.get, .stream("realtime"))]),
            Route(
                template: base + "/reports",
                actions: [(.get, .present("reports.list")), (.post, .createReport)]
            ),
        ]
        for (path, method) in figures {
            routes.append(Route(template: base + path, actions: [(.get, .query(method))]))
        }
        return Dictionary(uniqueKeysWithValues: routes.map { ($0.template, $0) })
    }()

    private static let figures: KeyValuePairs = [
        "/usage": "usage",
        "/usage/daily": "usage.daily",
        "/usage/monthly": "usage.monthly",
        "/conversations": "conversations",
        "/conversations/volume": "conversations.volume",
        "/conversations/duration": "conversations.duration",
        "/conversations/resolution": "conversations.resolution",
        "/engagement": "engagement",
        "/engagement/retention": "engagement.retention",
        "/engagement/satisfaction": "engagement.satisfaction",
    ]
}
