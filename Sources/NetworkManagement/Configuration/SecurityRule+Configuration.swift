package import NetworkModel

extension SecurityRule {
    /// What `[[policy]]` says; nil when it does not say its effect.
    package init?(name: String, _ item: ConfigurationItem) {
        guard let effect = item["effect"]?.text else { return nil }
        self.init(name: name, effect: effect == "permit" ? .permit : .deny)
        if let number = item["priority"]?.integer { priority = UInt32(clamping: number) }
        if let pattern = item["principal"]?.text.flatMap({ PrincipalPattern($0) }) { principal = pattern }
        if let level = item["level"]?.text.flatMap({ SecurityLevel($0) }) { minimumLevel = level }
        source = item["source"]?.text.flatMap { AddressPrefix($0) }
        if let names = item["actions"]?.list {
            actions = ActionClasses(
                ActionClass.allCases.filter { names.contains($0.configurationName) }.map { ActionClasses($0) })
        }
        if let pattern = item["target"]?.text.flatMap({ TargetPattern($0) }) { target = pattern }
        if let isAudited = item["audit"]?.boolean { self.isAudited = isAudited }
        if let text = item["description"]?.text { summary = text }
    }
}
