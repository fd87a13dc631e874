import SMI

extension ObjectTree {
    /// Everything below `root`, in GETNEXT's order.
    func walk(_ root: OID) -> [VarBind] {
        let reader = makeReader()
        reader.begin()
        var cursor = ObjectCursor(root)
        var result: [VarBind] = []
        while true {
            let value = reader.advance(&cursor, inclusive: false, before: [])
            if value == .endOfMIBView { return result }
            result.append(VarBind(cursor.name, value))
        }
    }

    /// What GET answers.
    func get(_ name: OID) -> Value {
        let reader = makeReader()
        reader.begin()
        return reader.value(of: name)
    }

    /// What GETNEXT answers.
    func next(after name: OID) -> VarBind {
        let reader = makeReader()
        reader.begin()
        var cursor = ObjectCursor(name)
        let value = reader.advance(&cursor, inclusive: false, before: [])
        return VarBind(cursor.name, value)
    }
}
