package import NetworkModel

/// The steps from what is to what is wanted, each with what takes it back.
package struct ConfigurationPlan: Sendable, Hashable, Codable {
    package struct Step: Sendable, Hashable, Codable {
        package let step: ConfigurationStep
        /// Made in this order, it leaves things as they were before the step. Each can be made whether or not the step
        /// was, or was taken back already.
        package var undo: [ConfigurationStep]
        /// The setting that wants it.
        package let setting: String

        package init(_ step: ConfigurationStep, undo: [ConfigurationStep], setting: String) {
            self.step = step
            self.undo = undo
            self.setting = setting
        }
    }

    package var steps: [Step] = []

    package init() {}

    package var isEmpty: Bool { steps.isEmpty }
}

/// What configured settings were before they were configured, so that they can be that again: by interface, by key.
///
/// An interface that was made for its section has "kind" here, as empty text.
package typealias ConfigurationBaseline = [String: [String: SettingValue]]
