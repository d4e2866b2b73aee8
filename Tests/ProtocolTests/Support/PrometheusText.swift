/// A strict reader of Prometheus' text format 0.0.4, by its document "Exposition formats".
///
/// It refuses what a server would take and a careful program does not write: a sample without help
/// and type, a family in two places, a counter that is not named `_total`.
struct PrometheusText {
    /// One value of a family.
    struct Sample {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    /// All values under one name.
    struct Family {
        var kind: String
        var help: String
        var samples: [Sample] = []
    }

    /// What is wrong, and with what.
    struct Fault: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private(set) var families: [String: Family] = [:]

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Fault("the last line has no end") }
        var current: String?
        var help: (name: String, text: String)?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# HELP ") {
                let parts = line.dropFirst(7).split(separator: " ", maxSplits: 1)
                guard help == nil, parts.count == 2 else { throw Fault("bad help: \(line)") }
                help = (String(parts[0]), String(parts[1]))
            } else if line.hasPrefix("# TYPE ") {
                let parts = line.dropFirst(7).split(separator: " ").map(String.init)
                guard parts.count == 2, let taken = help, taken.name == parts[0] else {
                    throw Fault("a type without its help: \(line)")
                }
                guard families[parts[0]] == nil else { throw Fault("\(parts[0]) is there twice") }
                families[parts[0]] = try Self.family(parts[0], parts[1], taken.text)
                current = parts[0]
                help = nil
            } else {
                guard help == nil, let name = current else { throw Fault("no type: \(line)") }
                families[name]?.samples.append(try Self.sample(line))
            }
        }
        guard help == nil else { throw Fault("a help without its type") }
        for (name, family) in families { try Self.check(name, family) }
    }

    /// All values of all families.
    var samples: [Sample] { families.values.flatMap(\.samples) }

    /// A value; nil where there is none.
    subscript(name: String, labels: [String: String]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    subscript(name: String) -> Double? { self[name, [:]] }

    // MARK: - Lines

    private static func family(_ name: String, _ kind: String, _ help: String) throws -> Family {
        guard name.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil else {
            throw Fault("\(name) is no name")
        }
        guard ["counter", "gauge", "histogram"].contains(kind) else { throw Fault("kind \(kind)") }
        guard (kind == "counter") == name.hasSuffix("_total") else {
            throw Fault("\(name) is named against its type")
        }
        guard help.hasSuffix(".") else { throw Fault("the help of \(name) is no sentence") }
        return Family(kind: kind, help: help)
    }

    private static func sample(_ line: Substring) throws -> Sample {
        guard let name = line.prefixMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/)?.output else {
            throw Fault("no name: \(line)")
        }
        var rest = line.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            repeat {
                guard let match = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="/) else {
                    throw Fault("no label: \(line)")
                }
                rest = rest[match.range.upperBound...]
                let value = try label(&rest)
                guard labels.updateValue(value, forKey: String(match.1)) == nil else {
                    throw Fault("a label twice: \(line)")
                }
            } while try separator(&rest)
        }
        guard rest.first == " ", let value = number(rest.dropFirst()) else {
            throw Fault("no value: \(line)")
        }
        return Sample(name: String(name), labels: labels, value: value)
    }

    /// Reads a label's value up to the quotes.
    private static func label(_ rest: inout Substring) throws -> String {
        var value = ""
        while let next = rest.popFirst() {
            switch next {
            case "\"": return value
            case "\\":
                guard let escaped = rest.popFirst(), "\\\"n".contains(escaped) else {
                    throw Fault("a bad escape")
                }
                value.append(escaped == "n" ? "\n" : escaped)
            default: value.append(next)
            }
        }
        throw Fault("a label without an end")
    }

    /// Whether another label follows.
    private static func separator(_ rest: inout Substring) throws -> Bool {
        switch rest.popFirst() {
        case ",": return true
        case "}": return false
        default: throw Fault("no end of the labels")
        }
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": return .infinity
        case "-Inf": return -.infinity
        case "NaN": return .nan
        default:
            let isPlain = text.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?/) != nil
            return isPlain ? Double(text) : nil
        }
    }

    // MARK: - Families

    private static func check(_ name: String, _ family: Family) throws {
        guard !family.samples.isEmpty else { throw Fault("\(name) has no samples") }
        var seen: Set<String> = []
        for sample in family.samples {
            let labels = sample.labels.sorted { $0.key < $1.key }
            guard seen.insert("\(sample.name) \(labels)").inserted else {
                throw Fault("\(sample.name) \(labels) is there twice")
            }
            if family.kind != "histogram", sample.name != name {
                throw Fault("\(sample.name) stands under \(name)")
            }
            if family.kind == "counter", !(sample.value >= 0) {
                throw Fault("\(name) is negative or no number")
            }
        }
        if family.kind == "histogram" { try checkHistogram(name, family) }
    }

    private static func checkHistogram(_ name: String, _ family: Family) throws {
        let series = Dictionary(grouping: family.samples) { sample in
            sample.labels.filter { $0.key != "le" }
        }
        for (labels, samples) in series {
            let buckets = samples.filter { $0.name == name + "_bucket" }
            let bounds = try buckets.map { bucket in
                guard let text = bucket.labels["le"], let bound = number(text[...]) else {
                    throw Fault("\(name) \(labels) has a bucket without le")
                }
                return bound
            }
            guard bounds.last == .infinity, zip(bounds, bounds.dropFirst()).allSatisfy(<) else {
                throw Fault("\(name) \(labels): the bounds do not rise to +Inf")
            }
            let counts = buckets.map(\.value)
            guard zip(counts, counts.dropFirst()).allSatisfy(<=), counts[0] >= 0 else {
                throw Fault("\(name) \(labels) is not cumulative")
            }
            let sums = samples.filter { $0.name == name + "_sum" }
            let totals = samples.filter { $0.name == name + "_count" }
            guard sums.count == 1, totals.count == 1, samples.count == buckets.count + 2,
                totals[0].labels["le"] == nil, sums[0].labels["le"] == nil
            else { throw Fault("\(name) \(labels) has not one sum and one count") }
            guard totals[0].value == counts.last, totals[0].value > 0 || sums[0].value == 0 else {
                throw Fault("\(name) \(labels): +Inf, sum and count differ")
            }
        }
    }
}
