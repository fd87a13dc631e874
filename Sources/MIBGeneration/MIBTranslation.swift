import CSMI

/// Turns libsmi's structures into ours. Called with libsmi to itself.
enum MIBTranslation {
    typealias Module = UnsafeMutablePointer<SmiModule>
    typealias Node = UnsafeMutablePointer<SmiNode>
    typealias TypePointer = UnsafeMutablePointer<SmiType>

    static func module(_ module: Module) -> MIBModule {
        var result = MIBModule(
            name: text(module.pointee.name), path: text(module.pointee.path),
            description: text(module.pointee.description)
        )
        for node in nodes(of: module) {
            switch SmiNodekind(node.pointee.nodekind) {
            case SmiNodekind(SMI_NODEKIND_SCALAR):
                result.scalars.append(object(node))
            case SmiNodekind(SMI_NODEKIND_TABLE):
                if let table = table(node) { result.tables.append(table) }
            case SmiNodekind(SMI_NODEKIND_NOTIFICATION):
                result.notifications.append(notification(node))
            case SmiNodekind(SMI_NODEKIND_ROW), SmiNodekind(SMI_NODEKIND_COLUMN):
                break
            default:
                result.identifiers.append(identifier(node))
            }
        }
        var type = smiGetFirstType(module)
        while let found = type {
            if found.pointee.decl == SMI_DECL_TEXTUALCONVENTION { result.conventions.append(convention(found)) }
            type = smiGetNextType(found)
        }
        return result
    }

    /// The named nodes of a module, ascending by identifier.
    private static func nodes(of module: Module) -> [Node] {
        var found: [Node] = []
        var node = smiGetFirstNode(module, SmiNodekind(SMI_NODEKIND_ANY))
        while let next = node {
            if next.pointee.name != nil { found.append(next) }
            node = smiGetNextNode(next, SmiNodekind(SMI_NODEKIND_ANY))
        }
        return found.sorted { oid($0).lexicographicallyPrecedes(oid($1)) }
    }

    private static func identifier(_ node: Node) -> MIBModule.Identifier {
        let kind: MIBModule.Identifier.Kind =
            switch node.pointee.decl {
            case SMI_DECL_MODULEIDENTITY: .module
            case SMI_DECL_OBJECTIDENTITY: .identity
            case SMI_DECL_OBJECTGROUP, SMI_DECL_NOTIFICATIONGROUP: .group
            case SMI_DECL_MODULECOMPLIANCE: .compliance
            case SMI_DECL_AGENTCAPABILITIES: .capabilities
            default: .value
            }
        return MIBModule.Identifier(
            name: text(node.pointee.name), oid: oid(node), kind: kind, description: text(node.pointee.description)
        )
    }

    private static func convention(_ type: TypePointer) -> MIBModule.Convention {
        MIBModule.Convention(
            name: text(type.pointee.name), status: status(type.pointee.status), syntax: syntax(type),
            description: text(type.pointee.description)
        )
    }

    private static func object(_ node: Node, creatable: Bool = false) -> MIBModule.Object {
        let access: MIBModule.Access =
            switch node.pointee.access {
            case SMI_ACCESS_NOTIFY: .accessibleForNotify
            case SMI_ACCESS_READ_ONLY: .readOnly
            case SMI_ACCESS_READ_WRITE: creatable ? .readCreate : .readWrite
            default: .notAccessible
            }
        return MIBModule.Object(
            name: text(node.pointee.name), oid: oid(node), syntax: syntax(smiGetNodeType(node)), access: access,
            status: status(node.pointee.status), units: node.pointee.units.map { String(cString: $0) },
            defaultValue: defaultValue(of: node), description: text(node.pointee.description)
        )
    }

    private static func defaultValue(of node: Node) -> String? {
        guard node.pointee.value.basetype != SMI_BASETYPE_UNKNOWN,
            let rendered = smiRenderValue(&node.pointee.value, smiGetNodeType(node), SMI_RENDER_ALL)
        else { return nil }
        defer { smiFree(rendered) }
        return String(cString: rendered)
    }

    private static func table(_ node: Node) -> MIBModule.Table? {
        guard let row = smiGetFirstChildNode(node) else { return nil }
        let creatable = row.pointee.create != 0
        var columns: [MIBModule.Object] = []
        var child = smiGetFirstChildNode(row)
        while let column = child {
            columns.append(object(column, creatable: creatable))
            child = smiGetNextChildNode(column)
        }
        let base = row.pointee.indexkind == SMI_INDEX_AUGMENT ? smiGetRelatedNode(row) : nil
        return MIBModule.Table(
            name: text(node.pointee.name), oid: oid(node), entryName: text(row.pointee.name), entry: oid(row),
            status: status(node.pointee.status), description: text(node.pointee.description),
            entryDescription: text(row.pointee.description), augments: base.map(name), index: index(of: base ?? row),
            columns: columns.sorted { $0.oid.lexicographicallyPrecedes($1.oid) }
        )
    }

    private static func index(of row: Node) -> [MIBModule.Index] {
        let parts = elements(of: row)
        let implied = row.pointee.implied != 0
        return parts.enumerated().map { position, part in
            MIBModule.Index(
                object: name(part), syntax: syntax(smiGetNodeType(part)),
                isImplied: implied && position == parts.count - 1
            )
        }
    }

    private static func notification(_ node: Node) -> MIBModule.Notification {
        MIBModule.Notification(
            name: text(node.pointee.name), oid: oid(node), status: status(node.pointee.status),
            objects: elements(of: node).map(name), description: text(node.pointee.description)
        )
    }

    private static func elements(of node: Node) -> [Node] {
        var found: [Node] = []
        var element = smiGetFirstElement(node)
        while let next = element {
            if let node = smiGetElementNode(next) { found.append(node) }
            element = smiGetNextElement(next)
        }
        return found
    }

    private static func name(_ node: Node) -> MIBModule.ObjectName {
        let module = smiGetNodeModule(node).map { text($0.pointee.name) } ?? ""
        return MIBModule.ObjectName(module: module, name: text(node.pointee.name), oid: oid(node))
    }

    private static func oid(_ node: Node) -> [UInt32] {
        guard let words = node.pointee.oid else { return [] }
        return Array(UnsafeBufferPointer(start: words, count: Int(node.pointee.oidlen)))
    }

    private static func status(_ status: SmiStatus) -> MIBModule.Status {
        switch status {
        case SMI_STATUS_DEPRECATED: .deprecated
        case SMI_STATUS_OBSOLETE: .obsolete
        default: .current
        }
    }
}

func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
}
