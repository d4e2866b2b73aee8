internal import BotstatsClient

/// The publishers of the load.
enum BenchmarkPublisher {
    /// How many of its notices a publisher may print.
    private static let noticeCountMaximum = 10

    /// Makes a publisher that ends with an error where nothing moves for a minute, instead of
    /// waiting for ever, and tells what it met on the way: a daemon that answers `busy` or falls
    /// silent explains a figure.
    static func make(_ endpoint: String, name: String) -> Publisher {
        var configuration = PublisherConfiguration(producer: name)
        configuration.patience = .seconds(60)
        let publisher = Publisher(endpoint: endpoint, configuration: configuration)
        var left = noticeCountMaximum
        publisher.onNotice = { notice in
            guard left > 0 else { return }
            left -= 1
            Progress.note("  \(name): \(notice.description)")
        }
        return publisher
    }
}
