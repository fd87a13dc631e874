package import NetworkModel

extension Threshold {
    /// What `[[threshold]]` says; nil when it lacks what it cannot do without, which the validator has said.
    package init?(name: String, _ item: ConfigurationItem) {
        guard let metric = item["metric"]?.text,
            let variable = Variable.allCases.first(where: { "\($0)" == metric }),
            let rising = item["rising"]?.integer.flatMap({ UInt32(exactly: $0) })
        else { return nil }
        self.init(name: name)
        self.variable = variable
        self.rising = rising
        falling = item["falling"]?.integer.flatMap { UInt32(exactly: $0) } ?? rising
        if let pattern = item["target"]?.text.flatMap({ GlobPattern($0) }) { self.pattern = pattern }
        if let name = item["severity"]?.text, let severity = AlarmSeverity.allCases.first(where: { "\($0)" == name }) {
            self.severity = severity
        } else {
            severity = .warning
        }
        // What is watched is watched by the second.
        if let hold = item["hold"]?.integer { duration = .seconds((hold + 999) / 1000) }
    }
}
