import Foundation
import SMI
import Testing

/// A client that shares no code with net-snmp: pysnmp, in a virtual environment of its own.
enum PythonClient {
    private static let directory = Host.root.appending(path: ".build/pysnmp")
    static let python = directory.appending(path: "bin/python").path

    /// Makes the environment where it is missing; whether it is usable.
    static func prepare() async -> Bool {
        let check = [python, "-c", "import pysnmp.hlapi.v3arch.asyncio, cryptography"]
        if let result = try? await run(check), result.status == 0 { return true }
        let make = try? await run(["/usr/bin/python3", "-m", "venv", directory.path], within: .seconds(120))
        guard make?.status == 0 else { return false }
        let install = try? await run(
            [python, "-m", "pip", "install", "--quiet", "pysnmp>=7.1,<8", "cryptography"], within: .seconds(300))
        guard install?.status == 0, let result = try? await run(check) else { return false }
        return result.status == 0
    }
}

@Suite(
    .serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)),
    .enabled("pysnmp could not be installed with pip") { await PythonClient.prepare() })
struct PythonClientTests {
    /// Walks columns of ifTable and ifXTable by GETNEXT and by GETBULK, and prints "NAME VALUE" lines.
    private static let program = """
        import asyncio, os, sys
        from pysnmp.hlapi.v3arch.asyncio import *

        async def walk(root, bulk):
            engine = SnmpEngine()
            user = UsmUserData(
                "monitor", os.environ["AUTH"], os.environ["PRIV"],
                authProtocol=USM_AUTH_HMAC192_SHA256, privProtocol=USM_PRIV_CFB128_AES)
            target = await UdpTransportTarget.create(("127.0.0.1", 1161), timeout=5, retries=1)
            start = ObjectType(ObjectIdentity(root))
            if bulk:
                rows = bulk_walk_cmd(
                    engine, user, target, ContextData(), 0, 20, start, lexicographicMode=False, lookupMib=False)
            else:
                rows = walk_cmd(
                    engine, user, target, ContextData(), start, lexicographicMode=False, lookupMib=False)
            async for error, status, index, bindings in rows:
                if error or status:
                    sys.exit(f"{root}: {error or status.prettyPrint()}")
                for name, value in bindings:
                    print("bulk" if bulk else "next", name, value.prettyPrint())

        async def main():
            for root in sys.argv[1:]:
                await walk(root, False)
                await walk(root, True)

        asyncio.run(main())
        """

    @Test func `pysnmp walks the interfaces as iproute2 shows them`() async throws {
        try await Sandbox.with { sandbox async throws in
            try await sandbox.namespace.ip(batch: (0..<30).map { "link add p\($0) type bridge" })
            let links = try await KernelLink.all(in: sandbox.namespace)
            let snmp = try sandbox.snmp()
            try await eventually("all links") { try await snmp.walk(InterfaceNames.ifIndex).count == links.count }
            let options = try sandbox.variable("ORION_MONITOR").split(separator: " ").map(String.init)
            func passphrase(_ option: String) -> String {
                options.firstIndex(of: option).map { options[$0 + 1] } ?? ""
            }
            let output = try await succeed(
                sandbox.namespace.inside([
                    PythonClient.python, "-c", Self.program, InterfaceNames.ifName.description,
                    InterfaceNames.ifMtu.description,
                ]), environment: ["AUTH": passphrase("-A"), "PRIV": passphrase("-X")])
            var lines: Set<String> = []
            for link in links {
                for mode in ["next", "bulk"] {
                    lines.insert("\(mode) \(InterfaceNames.ifName.appending(link.ifindex)) \(link.ifname)")
                    lines.insert("\(mode) \(InterfaceNames.ifMtu.appending(link.ifindex)) \(link.mtu)")
                }
            }
            #expect(Set(output.split(separator: "\n").map(String.init)) == lines)
        }
    }
}
