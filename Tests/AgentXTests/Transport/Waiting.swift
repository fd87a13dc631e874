import Testing

/// Waits until `condition` holds.
///
/// - Returns: whether it did before the deadline.
@discardableResult
func eventually(
    within limit: Duration = .seconds(20), fileID: String = #fileID, filePath: String = #filePath, line: Int = #line,
    column: Int = #column,
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    // Other tests can keep every thread busy: a deadline that passed before anyone looked says nothing.
    var looks = 0
    while clock.now < deadline || looks < 100 {
        if try await condition() { return true }
        looks += 1
        try? await clock.sleep(for: .milliseconds(5))
    }
    Issue.record(
        "the condition did not hold within \(limit)",
        sourceLocation: SourceLocation(fileID: fileID, filePath: filePath, line: line, column: column))
    return false
}
