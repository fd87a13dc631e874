/// What follows the header, and the context if there is one, in one type of PDU.
protocol Payload: Sendable, Hashable {
    static var type: PDUType { get }

    /// Reads everything up to the end of the PDU.
    init(from reader: inout WireReader) throws(AgentXError)

    func encode(into output: OutputBuffer)
}

/// A list that fills the rest of a PDU.
func decodeList<Element>(
    from reader: inout WireReader, _ element: (inout WireReader) throws(AgentXError) -> Element
) throws(AgentXError) -> [Element] {
    var list: [Element] = []
    while reader.remaining > 0 { list.append(try element(&reader)) }
    return list
}
