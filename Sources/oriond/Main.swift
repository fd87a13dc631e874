import OrionDaemon

@main
struct Main {
    static func main() async {
        await Oriond.main()
    }
}
