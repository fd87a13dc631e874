/// What validation or a commit says of one setting.
package struct ConfigurationFinding: Sendable, Hashable, CustomStringConvertible {
    package enum Severity: UInt8, Sendable, Hashable, CaseIterable {
        /// Nothing is done.
        case error = 1
        /// It is done, and may not be what is meant.
        case warning = 2
        /// It may cut off whoever asks for it.
        case risk = 3
    }

    package let severity: Severity
    /// The setting; empty when it is about the whole.
    package let setting: String
    /// What is wrong with which value, and what would do.
    package let text: String
    /// The step of the commit that it is about, from 1; 0 when none was made.
    package let step: UInt32

    package init(_ severity: Severity, _ setting: String, _ text: String, step: UInt32 = 0) {
        self.severity = severity
        self.setting = setting
        self.text = text
        self.step = step
    }

    package var description: String {
        let kind =
            switch severity {
            case .error: "error"
            case .warning: "warning"
            case .risk: "risk"
            }
        let place = (step == 0 ? "" : "step \(step), ") + setting
        return place.isEmpty ? "\(kind): \(text)" : "\(kind): \(place): \(text)"
    }
}
