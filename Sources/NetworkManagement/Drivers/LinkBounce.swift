import NetworkModel

/// Sets interfaces down and up again, with the addresses and routes that the kernel drops meanwhile.
struct LinkBounce {
    private let platform: any ConfigurationPlatform

    init(_ platform: any ConfigurationPlatform) {
        self.platform = platform
    }

    /// Those of `names` that are up go down, `body` runs, and they come up again, whether or not it threw.
    ///
    /// - Returns: the interfaces that were up.
    func run(
        _ names: [String], _ body: () throws(PlatformError) -> Void = {}
    ) throws(PlatformError) -> [String] {
        let links = try platform.observe(detailed: []).filter { $0.isUp && names.contains($0.name) }
        let bounced = Set(links.map(\.name))
        let addresses = try links.isEmpty ? [:] : platform.addresses(of: bounced)
        let routes = try links.isEmpty ? [:] : platform.routes(of: bounced)
        let restoration =
            links.map { ConfigurationStep.set($0.name, .up(true)) }
            + links.compactMap { link in addresses[link.name].map { .restoreAddresses(link.name, $0) } }
            + links.compactMap { link in routes[link.name].map { .restoreRoutes(link.name, $0) } }
        var failure: PlatformError?
        do throws(PlatformError) {
            for link in links { try platform.apply(.set(link.name, .up(false))) }
            try body()
        } catch {
            failure = error
        }
        for step in restoration {
            do throws(PlatformError) { try platform.apply(step) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        return links.map(\.name)
    }
}
