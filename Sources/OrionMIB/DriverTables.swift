import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

/// orionDriverTable, as it is read.
struct DriverTable: TableSource {
    let objects: DriverObjects

    var schema: TableSchema { OrionDriverMIB.OrionDriverEntry.table }

    func open() -> any TableReading {
        Reading(objects)
    }

    final class Reading: TableReading {
        private let objects: DriverObjects
        private let drivers: [DriverRow]
        let rows: RowIndex

        init(_ objects: DriverObjects) {
            self.objects = objects
            drivers = objects.manager.snapshot.drivers
            rows = .integers(drivers.map(\.index))
        }

        func value(column: Int, row position: Int) -> Value? {
            OrionDriverMIB.OrionDriverEntry.Column(rawValue: column).map { objects.value($0, of: drivers[position]) }
        }
    }
}

/// orionDeviceTable, as it is read.
struct DeviceTable: TableSource {
    let objects: DriverObjects

    var schema: TableSchema { OrionDriverMIB.OrionDeviceEntry.table }

    func open() -> any TableReading {
        Reading(objects)
    }

    final class Reading: TableReading {
        private let objects: DriverObjects
        private let snapshot: DriverSnapshot
        let rows: RowIndex

        init(_ objects: DriverObjects) {
            self.objects = objects
            snapshot = objects.manager.snapshot
            rows = .integers(snapshot.devices.map(\.index))
        }

        func value(column: Int, row position: Int) -> Value? {
            OrionDriverMIB.OrionDeviceEntry.Column(rawValue: column).map {
                objects.value($0, of: snapshot.devices[position], in: snapshot)
            }
        }
    }
}

/// orionDriverParameterTable, as it is read.
struct DriverParameterTable: TableSource {
    let manager: DriverManager

    var schema: TableSchema { OrionDriverMIB.OrionDriverParameterEntry.table }

    func open() -> any TableReading {
        Reading(manager.snapshot)
    }

    final class Reading: TableReading {
        private let cells: [(parameter: ModuleParameter, value: String?)]
        let rows: RowIndex

        init(_ snapshot: DriverSnapshot) {
            let sorted = snapshot.drivers.flatMap { row in
                row.facts.parameters.filter { (1...64).contains($0.name.utf8.count) }.map { parameter in
                    (
                        tail: [row.index] + CountedIndex.words(Array(parameter.name.utf8)),
                        cell: (parameter, row.parameters[parameter.name])
                    )
                }
            }.sorted { $0.tail.lexicographicallyPrecedes($1.tail) }
            cells = sorted.map(\.cell)
            rows = RowIndex(sorted.map(\.tail))
        }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionDriverMIB.OrionDriverParameterEntry.Column(rawValue: column) else { return nil }
            let (parameter, value) = cells[position]
            switch column {
            case .orionDriverParameterType: return .line(parameter.type)
            case .orionDriverParameterDescription: return .line(parameter.summary)
            case .orionDriverParameterValue: return value.map { .line($0) }
            }
        }
    }
}

/// orionDriverTable, as it is set.
struct WritableDriverTable: WritableTable {
    let manager: DriverManager

    var schema: TableSchema { OrionDriverMIB.OrionDriverEntry.table }

    func change(column: Int, row tail: ArraySlice<UInt32>, to value: Value) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionDriverMIB.OrionDriverEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        guard tail.count == 1, let row = tail.first.flatMap({ manager.snapshot.driver($0) }) else {
            throw WriteRefusal(.noCreation)
        }
        switch column {
        case .orionDriverAdminState:
            let wanted = try value.enumeration(OrionDriverMIB.OrionDriverAdminState.self)
            return .order(
                OperationOrder(wanted == .loaded ? .driverLoad : .driverUnload, .driver(row.name.description)))
        case .orionDriverAutoLoad: return .driver(.automaticLoading(row.name, try value.truth()))
        case .orionDriverFallback: return .driver(.fallback(row.name, try value.driverName()))
        case .orionDriverParameters:
            return .driver(.options(row.name, try value.text().split(separator: " ").map(String.init)))
        }
    }
}

/// orionDeviceTable, as it is set.
struct WritableDeviceTable: WritableTable {
    let manager: DriverManager

    var schema: TableSchema { OrionDriverMIB.OrionDeviceEntry.table }

    func change(column: Int, row tail: ArraySlice<UInt32>, to value: Value) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionDriverMIB.OrionDeviceEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        guard tail.count == 1, let row = tail.first.flatMap({ manager.snapshot.device($0) }) else {
            throw WriteRefusal(.noCreation)
        }
        switch column {
        case .orionDevicePreferred: return .driver(.preferred(row.record.address, try value.driverName()))
        }
    }
}

/// orionDriverParameterTable, as it is set.
struct WritableDriverParameterTable: WritableTable {
    let manager: DriverManager

    var schema: TableSchema { OrionDriverMIB.OrionDriverParameterEntry.table }

    func change(column: Int, row tail: ArraySlice<UInt32>, to value: Value) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionDriverMIB.OrionDriverParameterEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        var index = CountedIndex(tail)
        guard let number = index.number(1...UInt32(Int32.max)), let name = index.name(1...64), index.isAtEnd,
            let row = manager.snapshot.driver(number), row.facts.parameters.contains(where: { $0.name == name })
        else { throw WriteRefusal(.noCreation) }
        switch column {
        case .orionDriverParameterValue:
            let text = try value.text()
            guard !text.contains(" ") else { throw WriteRefusal(.wrongValue, "a value has no spaces") }
            return .order(
                OperationOrder(.driverParameter, .driver(row.name.description), argument: "\(name)=\(text)"))
        }
    }
}

extension Value {
    /// The name of a driver; nil for the empty string.
    fileprivate func driverName() throws(WriteRefusal) -> DriverName? {
        let text = try text()
        if text.isEmpty { return nil }
        guard let name = DriverName(text) else { throw WriteRefusal(.wrongValue, "not the name of a driver") }
        return name
    }
}
