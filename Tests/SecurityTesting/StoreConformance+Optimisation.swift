package import NetworkManagement
import NetworkModel

extension StoreConformance {
    /// - Parameter reopen: gives a store over the same disk, as after a restart.
    package static func checkOptimisation(reopen: () async throws -> any OptimisationStore) async throws {
        var store = try await reopen()
        guard try await store.loadTrials().isEmpty else { throw Failure(description: "a new store is empty") }
        func weights(_ weight: UInt32) -> RouteWeights {
            RouteWeights(
                route: RouteKey(octets: [192, 0, 2, 0], prefixLength: 24, metric: 5),
                hops: [
                    NextHop(interface: 7, gateway: [198, 51, 100, 1], weight: weight),
                    NextHop(interface: 8, gateway: [], weight: 256),
                ])
        }
        let steps: [StoredTrial.Step] = [
            .init(change: .property(.feature("rx-gro", true)), previous: .property(.feature("rx-gro", false))),
            .init(
                change: .receiveSteering(queue: 3, ProcessorSet([0, 40])),
                previous: .receiveSteering(queue: 3, .none)),
            .init(
                change: .property(.linkMode(autonegotiation: true, speed: nil, duplex: nil)),
                previous: .property(.linkMode(autonegotiation: false, speed: 100, duplex: 1))),
            .init(change: .hashPolicy(1), previous: .hashPolicy(0)),
            .init(change: .nextHopWeights(weights(3)), previous: .nextHopWeights(weights(1))),
        ]
        var trials = [UInt32.max, 1].map { identifier in
            StoredTrial(
                identifier: identifier, rule: .offload, detail: "d", interface: 7, name: "eth\u{FC}", address: "02:00",
                boot: "b", steps: steps, requester: "alice", evidence: "seen")
        }
        trials[0].isConfirmed = true
        try await store.saveTrials(trials)
        store = try await reopen()
        guard try await store.loadTrials() == trials.reversed() else {
            throw Failure(description: "what was saved is loaded, ascending")
        }
        try await store.saveTrials([])
        store = try await reopen()
        guard try await store.loadTrials().isEmpty else { throw Failure(description: "what is left out goes") }
    }
}
