import NetworkManagement
import NetworkModel

/// The daemon's own file, which the next start reads: whoever applies what it says applies the file.
struct OwnConfigurationFile: Sendable {
    let source: ConfigurationSource
    let store: any ConfigurationStore

    /// What the file says at present, with the command line over it, when a candidate says the same; nil when it says
    /// something else, cannot be read, or is not there.
    func recognise(_ candidate: NetworkConfiguration) -> (configuration: NetworkConfiguration, digest: [UInt8])? {
        guard source.file != nil, let own = try? source.load() else { return nil }
        var candidate = candidate
        source.applyOverrides(to: &candidate)
        guard candidate == own, let digest = try? store.digest(of: own) else { return nil }
        return (own, digest)
    }
}
