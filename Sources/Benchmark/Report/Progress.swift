internal import Foundation

/// What is told while benchmarks run, on standard error so that standard output is the table.
enum Progress {
    /// Prints one line.
    static func note(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }
}
