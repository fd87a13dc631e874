import NetworkManagement
import NetworkModel
import Testing

@Suite struct `The pace of sampling` {
    @Test func `stays as configured while passes are short`() {
        var pace = SamplePace(.seconds(1))
        for _ in 0..<100 { pace.passed(taking: .milliseconds(200), lateness: .milliseconds(30)) }
        #expect(pace.interval == .seconds(1))
        #expect(!pace.isStretched)
    }

    @Test func `stretches while passes are long, to a bound, and recovers in steps`() {
        var pace = SamplePace(.seconds(1))
        pace.passed(taking: .milliseconds(300), lateness: .zero)
        #expect(pace.interval == .seconds(2))
        for _ in 0..<20 { pace.passed(taking: .seconds(60), lateness: .zero) }
        #expect(pace.interval == .seconds(64))
        for _ in 0..<9 { pace.passed(taking: .milliseconds(10), lateness: .zero) }
        #expect(pace.interval == .seconds(64))
        pace.passed(taking: .milliseconds(10), lateness: .zero)
        #expect(pace.interval == .seconds(32))
        for _ in 0..<100 { pace.passed(taking: .milliseconds(10), lateness: .zero) }
        #expect(pace.interval == .seconds(1))
    }

    @Test func `does not go back to where it came from at once`() {
        var pace = SamplePace(.seconds(1))
        pace.passed(taking: .milliseconds(300), lateness: .zero)
        for _ in 0..<50 { pace.passed(taking: .milliseconds(300), lateness: .zero) }
        #expect(pace.interval == .seconds(2))
    }

    @Test func `one late start is an accident, two in a row a busy host`() {
        var pace = SamplePace(.seconds(1))
        pace.passed(taking: .milliseconds(1), lateness: .seconds(5))
        #expect(pace.interval == .seconds(1))
        #expect(pace.missed == 5)
        pace.passed(taking: .milliseconds(1), lateness: .seconds(1))
        #expect(pace.interval == .seconds(2))
    }

    @Test func `is restrained to so many times the configured interval, and let go in its own time`() {
        var pace = SamplePace(.seconds(1))
        pace.restrain(4)
        #expect(pace.interval == .seconds(4) && pace.isStretched)
        for _ in 0..<100 { pace.passed(taking: .milliseconds(1), lateness: .zero) }
        #expect(pace.interval == .seconds(4))
        pace.configure(.seconds(2))
        #expect(pace.interval == .seconds(8))
        pace.restrain(1)
        for _ in 0..<100 { pace.passed(taking: .milliseconds(1), lateness: .zero) }
        #expect(pace.interval == .seconds(2))
    }
}
