internal import ArgumentParser
internal import BotstatsClient
internal import JSON

/// `botstats top`: what happens now, on a terminal.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch bots, sessions, messages and ingest as they happen.",
        discussion: """
            Each second: the whole installation, then the bots with the most sessions. q or Ctrl-C \
            ends it. Where the output is no terminal it writes a line for each second.

            The credential is that of botstats query. Messages of single bots come from the live \
            socket; where that cannot be reached, they are left out.
            """
    )

    @Option(
        help: Setting.help(
            "The daemon's live endpoint.",
            "BOTSTATS_LIVE_ENDPOINT",
            "tcp://127.0.0.1:5564"
        )
    )
    var liveEndpoint: String?

    @OptionGroup var options: QueryOptions

    @Option(help: "Seconds between two looks.")
    var interval: Double = 1

    @Option(help: "How many looks to take. (default: until q or Ctrl-C)")
    var count: Int?

    func validate() throws {
        guard (0.2...3_600).contains(interval) else {
            throw ValidationError("--interval must be between 0.2 and 3600 seconds.")
        }
        guard count ?? 1 > 0 else { throw ValidationError("--count must be at least 1.") }
    }

    func run() throws {
        do {
            let keys = try options.curve.keys()
            let watch = TopWatch(
                endpoint: options.queryEndpoint,
                makeClient: { options.client(keys: keys) },
                feed: try LiveFeed(
                    endpoint: Setting.endpoint(liveEndpoint, .live),
                    curve: keys
                )
            )
            Interruption.watch()
            if let screen = TerminalScreen() {
                try show(watch, on: screen)
            } else {
                try print(watch)
            }
        } catch let error as QueryError {
            throw CommandFailure.exit(error, code: 1)
        }
    }

    private func show(_ watch: TopWatch, on screen: TerminalScreen) throws {
        defer { screen.leave() }
        screen.enter()
        var looks = 0
        while true {
            let next = ContinuousClock.now + .seconds(interval)
            // Keys wait for a look.
            try watch.look(
                botCount: TopScreen.botCount(rowCount: screen.size.rowCount),
                patience: .milliseconds(800)
            )
            looks += 1
            draw(watch, on: screen)
            if looks == count { return }
            repeat {
                switch screen.wait(until: next) {
                case .quit: return
                case .resized: draw(watch, on: screen)
                case .nothing: break
                }
                if Interruption.wasRequested { return }
            } while ContinuousClock.now < next
        }
    }

    private func draw(_ watch: TopWatch, on screen: TerminalScreen) {
        let size = screen.size
        screen.draw(
            TopScreen.lines(
                watch.reading,
                problem: watch.problem,
                endpoint: watch.endpoint,
                columnCount: size.columnCount,
                rowCount: size.rowCount
            )
        )
    }

    private func print(_ watch: TopWatch) throws {
        var looks = 0
        while looks != count, !Interruption.wasRequested {
            let next = ContinuousClock.now + .seconds(interval)
            try watch.look(botCount: 0, patience: .seconds(5))
            looks += 1
            if let problem = watch.problem {
                if looks == count { throw CommandFailure.exit(problem, code: 1) }
                StandardError.write(problem)
            } else if let reading = watch.reading {
                StandardOutput.write(TopScreen.plainLine(reading) + "\n")
            }
            if looks == count { return }
            TerminalScreen.sleep(until: next)
        }
    }
}

/// What is known of a daemon, look by look.
final class TopWatch {
    /// How long a credential made from the secret is used; it is good for five minutes.
    private static let credentialLifetime = Duration.seconds(200)

    /// Where the daemon is.
    let endpoint: String
    /// What was seen last; nil before the first answer.
    private(set) var reading: TopReading?
    /// Why the last look saw nothing; nil where it did.
    private(set) var problem: String?

    private let makeClient: () -> QueryClient
    private let feed: LiveFeed
    private var client: QueryClient
    private var clientEnd: ContinuousClock.Instant
    private var lastLook: (instant: ContinuousClock.Instant, acceptedCount: Int64)?
    private var figures: [String: TopReading.Figures] = [:]

    init(endpoint: String, makeClient: @escaping () -> QueryClient, feed: LiveFeed) {
        self.endpoint = endpoint
        self.makeClient = makeClient
        self.feed = feed
        client = makeClient()
        clientEnd = ContinuousClock.now + Self.credentialLifetime
    }

    /// Looks.
    ///
    /// - Parameters:
    ///   - botCount: How many bots are shown.
    ///   - patience: How long it may take.
    /// - Throws: ``QueryError`` where the daemon will never answer; where it does not now, that is a
    ///   ``problem``.
    func look(botCount: Int, patience: Duration) throws(QueryError) {
        let now = ContinuousClock.now
        if now >= clientEnd {
            client = makeClient()
            clientEnd = now + Self.credentialLifetime
        }
        do throws(QueryError) {
            let answers = try client.batch(TopReading.requests, timeout: patience)
            var reading = try TopReading(answers)
            if let last = lastLook {
                let seconds = (now - last.instant) / .seconds(1)
                let events = max(0, reading.acceptedCount - last.acceptedCount)
                reading.eventsPerSecond = Double(events) / max(seconds, 0.001)
            }
            lastLook = (now, reading.acceptedCount)
            try follow(&reading, botCount: botCount)
            self.reading = reading
            problem = nil
        } catch {
            switch error {
            case .timedOut: problem = error.description
            case .refused(let refusal) where [429, 503].contains(refusal.code):
                problem = error.description
            default: throw error
            }
        }
    }

    /// Adds what the live socket says of the bots that are shown.
    private func follow(_ reading: inout TopReading, botCount: Int) throws(QueryError) {
        let shown = reading.bots.prefix(botCount).map(\.id)
        try feed.listen(to: shown)
        while let (bot, answer) = try feed.next() { figures[bot] = TopReading.Figures(answer) }
        let known = Set(shown)
        figures = figures.filter { known.contains($0.key) }
        for index in reading.bots.indices.prefix(botCount) {
            reading.bots[index].figures = figures[reading.bots[index].id]
        }
    }
}
