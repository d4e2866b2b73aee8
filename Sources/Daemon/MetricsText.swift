/// Writes Prometheus' text format 0.0.4: families of samples, each under its help and type.
struct MetricsText {
    /// What a family's values mean.
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    /// A value and what tells it from the others of its family.
    struct Sample {
        var labels: KeyValuePairs<String, String>
        var value: String

        init(_ labels: KeyValuePairs<String, String>, _ value: some BinaryInteger) {
            self.labels = labels
            self.value = "\(value)"
        }

        init(_ labels: KeyValuePairs<String, String>, _ value: Double) {
            self.labels = labels
            self.value = MetricsText.number(value)
        }
    }

    /// What has been written.
    private(set) var text = ""

    /// Writes a family of counters or gauges; one without samples is left out.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        begin(name, kind, help)
        for sample in samples { write(name, Array(sample.labels), sample.value) }
    }

    /// Writes a family of one counter or gauge.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
        add(name, kind, help, [Sample([:], value)])
    }

    /// Writes a family of one counter or gauge.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        add(name, kind, help, [Sample([:], value)])
    }

    /// Writes a family of one gauge: 1 where something is so, else 0.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ isSo: Bool) {
        add(name, kind, help, [Sample([:], isSo ? 1 : 0)])
    }

    /// Writes a family of histograms of durations in seconds.
    mutating func add(
        _ name: String,
        _ help: String,
        _ histograms: [(labels: KeyValuePairs<String, String>, values: LatencyHistogram)]
    ) {
        begin(name, .histogram, help)
        for (labels, values) in histograms {
            let labels = Array(labels)
            var total: UInt64 = 0
            for (bucket, count) in values.counts.enumerated() {
                total += count
                let bound =
                    bucket < LatencyHistogram.bounds.count
                    ? Self.seconds(LatencyHistogram.bounds[bucket]) : "+Inf"
                write(name + "_bucket", labels + [("le", bound)], "\(total)")
            }
            write(name + "_sum", labels, Self.seconds(values.sum))
            write(name + "_count", labels, "\(total)")
        }
    }

    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        let help = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func write(
        _ name: String,
        _ labels: [(key: String, value: String)],
        _ value: String
    ) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    private static func escaped(_ label: String) -> String {
        label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }

    private static func seconds(_ microseconds: Int64) -> String {
        number(Double(microseconds) / 1_000_000)
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value.description
    }
}
