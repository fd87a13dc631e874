import Glibc
import LinuxPlatform
import Logging
import NetworkManagement
import NetworkModel

/// Measures a sampling pass against the bare dump that it begins with, on the interfaces of this network namespace, and
/// prints one line of JSON: times in microseconds, memory in KiB.
///
/// usage: SamplingBench ROUNDS
@main struct Main {
    static func main() async throws {
        // As the daemon does.
        LinuxProcessPlatform.returnLargeBlocks()
        let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 200
        let bare = try BareDump()
        let pipeline = try Pipeline()
        await pipeline.fill()
        var (dumps, samples, passes, ratios): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        // In turns, so that a machine that slows down meanwhile slows down all three.
        for _ in 0..<rounds {
            let dump = measure { bare.run() }
            let pass = measure { pipeline.pass() }
            samples.append(measure { pipeline.sample() })
            dumps.append(dump)
            passes.append(pass)
            ratios.append(pass / dump)
        }
        var (ends, behind): ([Double], [Double]) = ([], [])
        for _ in 0..<12 {
            let (end, longest) = pipeline.endInterval { measure($0) }
            ends.append(end)
            behind.append(longest)
        }
        print(
            """
            {"interfaces": \(pipeline.interfaces), "dump": \(dumps.middle), "sample": \(samples.middle), \
            "pass": \(passes.middle), "ratio": \(ratios.middle), "end": \(ends.middle), "behind": \(behind.middle), \
            "alarms": \(pipeline.alarms), "resident": \(residentMemory()), \
            "measured_octets": \(PerformanceManager.octetsPerInterface)}
            """)
    }

    /// Microseconds that `body` takes.
    static func measure(_ body: () -> Void) -> Double {
        let start = ContinuousClock.now
        body()
        return (ContinuousClock.now - start) / .microseconds(1)
    }

    /// KiB.
    static func residentMemory() -> UInt64 {
        guard let usage = try? LinuxProcessPlatform().usage() else { return 0 }
        return usage.residentMemory >> 10
    }
}

extension [Double] {
    /// The median, to a tenth.
    fileprivate var middle: Double {
        let value = sorted()[count / 2]
        return (value * 1000).rounded() / 1000
    }
}
