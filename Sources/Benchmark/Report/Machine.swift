internal import Foundation

/// What figures were measured on, without anything that tells one machine from its like.
struct Machine: CustomStringConvertible {
    /// The processors this process may use.
    let coreCount: Int
    /// The memory in whole gibibytes.
    let memoryGibibytes: Int

    /// This machine.
    static var current: Machine {
        let memory = ProcessInfo.processInfo.physicalMemory
        return Machine(
            coreCount: ProcessInfo.processInfo.activeProcessorCount,
            memoryGibibytes: Int((Double(memory) / 1_073_741_824).rounded())
        )
    }

    var description: String { "\(coreCount) cores, \(memoryGibibytes) GiB" }
}
