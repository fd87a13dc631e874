import NetworkModel

/// What the counters of one interface did within the last minute.
struct InterfaceHealthWindow {
    struct Reading {
        let time: MonotonicTime
        let carrierLosses: UInt32
        let errors: UInt64
        let packets: UInt64
    }

    static let length: Duration = .seconds(60)
    /// Readings are kept that far apart.
    static let spacing: Duration = .seconds(5)
    /// So many losses of carrier within the window are a storm: a cable that is pulled and put back makes one.
    static let storm: UInt32 = 10
    /// So many errors at least, and one in so many packets, are too many.
    static let errors: UInt64 = 100
    static let packetsPerError: UInt64 = 100

    private var readings: [Reading] = []

    /// Takes in how the counters stand.
    ///
    /// - Returns: what is wrong, each time once: the window begins anew after it.
    mutating func take(_ reading: Reading) -> [(DriverSymptom.Kind, String)] {
        readings.removeAll { reading.time - $0.time > Self.length }
        guard let first = readings.first else {
            readings = [reading]
            return []
        }
        // Counters that run backwards begin anew, as after a reset.
        guard reading.errors >= first.errors, reading.packets >= first.packets else {
            readings = [reading]
            return []
        }
        var found: [(DriverSymptom.Kind, String)] = []
        let losses = reading.carrierLosses &- first.carrierLosses
        if losses >= Self.storm, losses < UInt32.max / 2 {
            found.append((.carrierStorm, "carrier was lost \(losses) times within a minute"))
        }
        let errors = reading.errors - first.errors
        let packets = reading.packets - first.packets
        if errors >= Self.errors, errors >= packets / Self.packetsPerError {
            found.append((.errorRate, "\(errors) errors in \(packets) packets within a minute"))
        }
        if !found.isEmpty {
            readings = [reading]
        } else if let last = readings.last, reading.time - last.time >= Self.spacing {
            readings.append(reading)
        }
        return found
    }
}
