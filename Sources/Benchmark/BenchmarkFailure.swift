/// Why a benchmark has no figure.
struct BenchmarkFailure: Error, CustomStringConvertible {
    /// One clear sentence.
    let description: String

    init(_ description: String) { self.description = description }
}
