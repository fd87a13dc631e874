import Glibc
package import NetworkModel

/// Where the daemon's configuration comes from, at start and at each reload.
package struct ConfigurationSource: Sendable {
    /// Read when no other file is named, if it exists.
    package static let defaultFile = "/etc/orion/oriond.toml"

    private let namedFile: String?
    /// What the command line says comes before the file.
    private let overrides: [(setting: Setting, value: SettingValue)]

    /// - Parameters:
    ///   - file: nil reads `defaultFile` when there is one, and takes the defaults otherwise.
    ///   - overrides: each accepted by its setting.
    package init(file: String?, overrides: [(setting: Setting, value: SettingValue)] = []) {
        namedFile = file
        self.overrides = overrides
    }

    /// The file that is read now; nil when there is none.
    package var file: String? {
        namedFile ?? (access(Self.defaultFile, F_OK) == 0 ? Self.defaultFile : nil)
    }

    /// Reads the file and puts the overrides over it.
    package func load() throws(ConfigurationError) -> NetworkConfiguration {
        var configuration = NetworkConfiguration()
        if let file { configuration = try ConfigurationReader.read(file: file) }
        applyOverrides(to: &configuration)
        return configuration
    }

    /// Puts what the command line says over a configuration.
    func applyOverrides(to configuration: inout NetworkConfiguration) {
        for (setting, value) in overrides {
            let isAccepted = setting.set(value, in: &configuration)
            precondition(isAccepted, "an override of \(setting.key) was not checked")
        }
    }
}
