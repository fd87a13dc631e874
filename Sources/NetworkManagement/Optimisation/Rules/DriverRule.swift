import NetworkModel

/// A device that a better driver could drive.
enum DriverRule {
    static func proposal(_ port: OptimisationFacts.Port) -> FindingProposal? {
        guard let (present, better) = port.betterDriver else { return nil }
        return FindingProposal(
            .driver, port, evidence: "\(present) drives it, and \(better) is the first that knows the device",
            gain: .medium, "the features and speed of the driver made for it", risk: .high,
            "the interface goes and comes back, as another one where the driver names it otherwise", changes: [],
            advice: "the operation orionDeviceRebind on its device, with \(better)")
    }
}
