import Foundation
import NetworkManagement
import NetworkModel
import Testing

/// Numbers that are the same in each run.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Of a normal distribution of mean 0 and deviation 1.
    mutating func normal() -> Double {
        let radius = (-2 * log(Double.random(in: 1e-12..<1, using: &self))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
    }
}

/// Two weeks of a link with a day's rhythm and noise, and incidents after the first four days that are known.
private struct GeneratedTraffic {
    var values: [Float] = []
    var incidents: [Range<Int>] = []

    init(seed: UInt64) {
        var generator = Seeded(state: seed)
        let level = Double.random(in: 1e6...1e8, using: &generator)
        let swing = Double.random(in: 0.2...0.6, using: &generator)
        let noise = Double.random(in: 0.02...0.08, using: &generator)
        for step in 0..<14 * 96 {
            let day = sin(2 * .pi * Double(step) / 96)
            values.append(Float(max(0, level * (1 + swing * day) * (1 + noise * generator.normal()))))
        }
        for day in stride(from: 4, to: 14, by: 2) {
            let start = day * 96 + Int.random(in: 0..<90, using: &generator)
            let length = Int.random(in: 1...4, using: &generator)
            // Between half and three times the level too much, or hardly anything.
            let factor = Bool.random(using: &generator) ? Double.random(in: 1.8...4, using: &generator) : 0.05
            for step in start..<start + length { values[step] *= Float(factor) }
            incidents.append(start..<start + length)
        }
    }
}

@Suite struct `Forecasts` {
    @Test func `abnormal traffic is found, and hardly anything else: precision and recall on generated traffic`() {
        var found = 0
        var missed = 0
        var falseSteps = 0
        var trueSteps = 0
        for seed in 1...200 {
            let traffic = GeneratedTraffic(seed: UInt64(seed))
            var forecast = HoltWinters()
            var abnormal: Set<Int> = []
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 96) { factors in
                factors.initialize(repeating: 0)
                for (step, value) in traffic.values.enumerated() {
                    if forecast.step(value, factors, phase: step % 96)?.isAbnormal == true { abnormal.insert(step) }
                }
            }
            for incident in traffic.incidents {
                if incident.contains(where: abnormal.contains) { found += 1 } else { missed += 1 }
            }
            for step in abnormal {
                if traffic.incidents.contains(where: { $0.contains(step) }) { trueSteps += 1 } else { falseSteps += 1 }
            }
        }
        let recall = Double(found) / Double(found + missed)
        let precision = Double(trueSteps) / Double(trueSteps + falseSteps)
        print("forecast validation: precision \(precision), recall \(recall), of \(found + missed) incidents")
        #expect(precision > 0.9)
        #expect(recall > 0.9)
    }

    @Test func `a new norm is learnt in the end`() {
        var forecast = HoltWinters()
        var abnormal: [Bool] = []
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 96) { factors in
            factors.initialize(repeating: 0)
            for step in 0..<96 * 8 {
                let value: Float = step < 96 * 4 ? 1000 : 3000
                let noise = Float(step % 7) * 10
                abnormal.append(forecast.step(value + noise, factors, phase: step % 96)?.isAbnormal ?? false)
            }
        }
        #expect(abnormal[96 * 4])
        #expect(!abnormal.suffix(96).contains(true))
    }

    @Test func `steps that were not measured teach nothing and alarm nobody`() {
        var forecast = HoltWinters()
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 96) { factors in
            factors.initialize(repeating: 0)
            for step in 0..<96 * 5 {
                let value: Float? = step % 10 == 3 ? nil : 1000
                #expect(forecast.step(value, factors, phase: step % 96)?.isAbnormal ?? false == false)
            }
        }
        #expect(abs(forecast.level - 1000) < 1)
    }

    @Test(arguments: [0, 1, 30, 60, 88])
    func `what the first season missed is learnt later and alarms nobody`(hole: Int) {
        var generator = Seeded(state: UInt64(hole + 1))
        var forecast = HoltWinters()
        var verdicts = 0
        var abnormal = 0
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 96) { factors in
            factors.initialize(repeating: 0)
            for step in 0..<96 * 8 {
                let day = sin(2 * .pi * Double(step) / 96)
                let value = Float(1e6 * (1 + 0.6 * day) * (1 + 0.03 * generator.normal()))
                let isKnown = !(hole..<hole + 8).contains(step)
                guard let verdict = forecast.step(isKnown ? value : nil, factors, phase: step % 96) else { continue }
                verdicts += 1
                if verdict.isAbnormal { abnormal += 1 }
            }
        }
        #expect(verdicts > 5 * 96)
        #expect(abnormal == 0)
    }

    @Test func `a season of which nothing was measured is none`() {
        var forecast = HoltWinters()
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 96) { factors in
            factors.initialize(repeating: 0)
            for step in 0..<96 * 2 { _ = forecast.step(nil, factors, phase: step % 96) }
            #expect(forecast.steps == 0)
            for step in 0..<96 * 4 {
                #expect(forecast.step(1000, factors, phase: step % 96)?.isAbnormal ?? false == false)
            }
        }
        #expect(forecast.level == 1000)
    }

    @Test func `the time of saturation lies within its bounds in 95 of 100 cases, on generated growth`() throws {
        var within = 0
        var errors: [Double] = []
        let runs = 1000
        for seed in 1...runs {
            var generator = Seeded(state: UInt64(seed) &* 77)
            let start = Double.random(in: 100...400, using: &generator)
            let growth = Double.random(in: 0.5...3, using: &generator)
            let noise = Double.random(in: 5...20, using: &generator)
            let values: [Float?] = (0..<96).map { step in
                step % 17 == 5 ? nil : Float(start + growth * Double(step) + noise * generator.normal())
            }
            let truth = (1000 - start - growth * 95) / growth
            let forecast = try #require(LinearTrend(values).flatMap { SaturationForecast($0, limit: 1000) })
            if Double(forecast.earliest) <= truth, truth <= Double(forecast.latest) { within += 1 }
            errors.append(abs(Double(forecast.steps) - truth) / truth)
        }
        let median = errors.sorted()[runs / 2]
        print("saturation validation: \(within) of \(runs) within the bounds, median error \(median)")
        #expect(within >= runs * 93 / 100)
        #expect(median < 0.1)
    }

    @Test func `no growth is no forecast`() {
        var generator = Seeded(state: 4)
        var claims = 0
        for _ in 0..<200 {
            let values: [Float?] = (0..<96).map { _ in Float(500 + 20 * generator.normal()) }
            if LinearTrend(values).flatMap({ SaturationForecast($0, limit: 1000) }) != nil { claims += 1 }
        }
        #expect(claims <= 2)
        #expect(LinearTrend([1, 2, 3]) == nil)
        #expect(LinearTrend([]) == nil)
    }
}
