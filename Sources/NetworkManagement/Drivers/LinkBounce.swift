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
        let routes = try links.isEmpty ? [:] : platform.routes(of: Set(links.map(\.name)))
        var restoration: [ConfigurationStep] = []
        for link in links {
            restoration.append(.set(link.name, .up(true)))
            restoration += link.addresses.filter(\.isIPv6).map { .set(link.name, .addAddress($0.text)) }
            if let lost = routes[link.name] { restoration.append(.restoreRoutes(link.name, lost)) }
        }
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
