import NetworkModel
import OrionSchema
import SMI
import Synchronization

/// What managers have begun and what is no policy yet.
struct PolicyRowContent: Sendable, Hashable {
    /// A row that is notReady: it has no effect yet.
    struct Draft: Sendable, Hashable {
        var row: SecurityRuleRow
        /// When it was set last.
        var touched: MonotonicTime
    }

    /// orionSecurityPolicyLock.
    var lock: Int32
    var drafts: [String: Draft] = [:]

    /// What is begun and left is forgotten after this time (RFC 2579 RowStatus suggests five minutes).
    static let draftLife: Duration = .seconds(300)
    static let maximumDrafts = 64

    /// The next value of a TestAndIncr (RFC 2579).
    mutating func incrementLock() {
        lock = lock == .max ? 0 : lock + 1
    }
}

/// Keeps the rows that are no policy yet, and the lock. They change only while the right to change the policy is held,
/// but for those that are forgotten.
final class PolicyRowState: Sendable {
    private let state: Mutex<PolicyRowContent>

    /// - Parameter lock: the first value of the lock; a random one after each start (RFC 2579 TestAndIncr).
    init(lock: Int32) {
        state = Mutex(PolicyRowContent(lock: lock))
    }

    func content(at now: MonotonicTime) -> PolicyRowContent {
        state.withLock { content in
            if !content.drafts.isEmpty {
                content.drafts = content.drafts.filter { now - $0.value.touched < PolicyRowContent.draftLife }
            }
            return content
        }
    }

    func replace(with content: PolicyRowContent) {
        state.withLock { $0 = content }
    }
}
