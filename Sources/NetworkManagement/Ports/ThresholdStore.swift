package import NetworkModel

/// Keeps the thresholds that managers made.
package protocol ThresholdStore: Sendable {
    /// Those that were last saved, in the order of their names.
    func loadThresholds() async throws(StoreError) -> [Threshold]

    /// Puts `thresholds` in the place of what was kept, whole or not at all, durable when this returns.
    func saveThresholds(_ thresholds: [Threshold]) async throws(StoreError)
}
