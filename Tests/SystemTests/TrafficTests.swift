import Foundation
import SMI
import Testing

/// Rates and windows against a generator of traffic that counts itself.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes && Host.has("iperf3"), "needs root, snmpd and iperf3"))
struct TrafficTests {
    /// What `iperf3 -J` says of a run by UDP.
    private struct Report: Decodable {
        struct End: Decodable {
            let sum: Sum

            enum CodingKeys: String, CodingKey {
                case sum = "sum_sent"
            }
        }

        struct Sum: Decodable {
            let bytes: Double
            let packets: Double
            let seconds: Double
        }

        let end: End

        /// Octets per second as a veth counts them: behind 14 octets of Ethernet, 20 of IPv4 and 8 of UDP.
        var octetsPerSecond: Double { (end.sum.bytes + 42 * end.sum.packets) / end.sum.seconds }
    }

    /// How long traffic flows: ten seconds and more; ORION_TRAFFIC_SECONDS says how many.
    private static let seconds =
        ProcessInfo.processInfo.environment["ORION_TRAFFIC_SECONDS"].flatMap { Int($0) } ?? 12

    @Test func `the rate of real traffic is the generator's, and the percentiles are those of the raw samples`()
        async throws
    {
        try await NetworkNamespace.with { peer async throws in
            try await Sandbox.with { sandbox async throws in
                try await sandbox.namespace.ip(batch: [
                    "link add ta type veth peer name tb", "link set tb netns \(peer.name)",
                    "addr add 192.0.2.1/24 dev ta", "link set ta up",
                ])
                try await peer.ip(batch: ["addr add 192.0.2.2/24 dev tb", "link set tb up"])
                let link = try await KernelLink.named("ta", in: sandbox.namespace)
                let server = try BackgroundProcess(
                    sandbox.namespace.inside(["iperf3", "-s", "-1", "-B", "192.0.2.1", "--forceflush"]))
                try await eventually("iperf3 listens") { server.output.contains("Server listening") }
                let client = try BackgroundProcess(
                    peer.inside([
                        "iperf3", "-c", "192.0.2.1", "-u", "-b", "40M", "-l", "1400", "-t", "\(Self.seconds)", "-J",
                    ]))
                let samples = try await sampleAll(link.ifindex, while: client, sandbox.snmp())
                #expect(await client.exitStatus() == 0)
                _ = await server.terminate()
                let report = try JSONDecoder().decode(Report.self, from: Data(client.output.utf8))
                client.removeOutput()
                server.removeOutput()
                try check(samples, against: report)
            }
        }
    }

    /// What one look at the window saw.
    private struct Samples {
        /// Octets per second by the number of the sample in the window, from 1.
        var rates: [UInt64: UInt64] = [:]
        var count: UInt64 = 0
        var percentile95: UInt64 = 0
        var maximum: UInt64 = 0
    }

    /// Notes every rate that is shown, until the generator has ended and two more samples have been taken.
    private func sampleAll(
        _ row: UInt32, while client: BackgroundProcess, _ snmp: SNMPTools
    ) async throws -> Samples {
        var samples = Samples()
        var last: UInt64?
        try await eventually("the traffic is over", within: .seconds(Self.seconds + 30)) {
            let answer = try await snmp.get(
                PerformanceNames.windowSamples.appending(row), PerformanceNames.inOctets.appending(row),
                PerformanceNames.windowInPercentile95.appending(row),
                PerformanceNames.windowInMaximum.appending(row)
            ).map(\.value)
            guard case .gauge32(let count) = answer[0], case .counter64(let rate) = answer[1],
                case .counter64(let percentile) = answer[2], case .counter64(let maximum) = answer[3]
            else { return false }
            samples.rates[UInt64(count)] = rate
            samples.count = UInt64(count)
            samples.percentile95 = percentile
            samples.maximum = maximum
            if last == nil, !isRunning(client.identifier) { last = UInt64(count) }
            return last.map { samples.count >= $0 + 2 } ?? false
        }
        return samples
    }

    private func check(_ samples: Samples, against report: Report) throws {
        // The first and the last sample with traffic saw it for a part of their time.
        let busy = samples.rates.filter { Double($0.value) > report.octetsPerSecond / 10 }.sorted { $0.key < $1.key }
            .dropFirst().dropLast()
        try #require(busy.count >= Self.seconds - 5)
        let mean = busy.reduce(0) { $0 + Double($1.value) } / Double(busy.count)
        let ratio = mean / report.octetsPerSecond
        print(
            "traffic: \(busy.count) samples, reported \(mean) octets/s, generated \(report.octetsPerSecond), ratio \(ratio)"
        )
        #expect(abs(ratio - 1) < 0.02)
        // A sample that this test came too late to see may be anything: the truth lies between.
        let missing = Int(samples.count) - samples.rates.count
        #expect(missing <= 3)
        let known = samples.rates.values.sorted()
        let rank = (95 * Int(samples.count) + 99) / 100 - 1
        let lowest = known[max(0, rank - missing)]
        let highest = rank < known.count ? known[rank] : .max
        print("traffic: p95 \(samples.percentile95), of the raw samples \(lowest)...\(highest), \(missing) unseen")
        #expect((lowest...highest).contains(samples.percentile95))
        #expect(samples.maximum >= known.last ?? 0)
    }
}
