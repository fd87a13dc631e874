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
    while clock.now < deadline {
        if try await condition() { return true }
        try? await clock.sleep(for: .milliseconds(5))
    }
    Issue.record(
        "the condition did not hold within \(limit)",
        sourceLocation: SourceLocation(fileID: fileID, filePath: filePath, line: line, column: column))
    return false
}
