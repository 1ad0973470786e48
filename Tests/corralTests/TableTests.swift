import Testing

@testable import corral

struct TableTests {
    @Test func `columns are aligned, numbers to the right, and no line ends in spaces`() {
        var table = Table([.text("NAME"), .number("SIZE"), .text("STATE")])
        table.add(["a", "5", "resident"])
        table.add(["longer", "1024", ""])
        #expect(
            table.lines() == [
                "NAME    SIZE  STATE", "a          5  resident", "longer  1024",
            ]
        )
    }

    @Test func `only flexible columns are cut, the widest first, to fit the terminal`() {
        var table = Table([.flexible("NAME"), .text("STATE"), .flexible("PATH")])
        table.add([
            String(repeating: "n", count: 20), "resident", String(repeating: "p", count: 60),
        ])
        let lines = table.lines(width: 60)
        #expect(lines.map(\.count).max() == 60)
        #expect(lines[1].hasPrefix(String(repeating: "n", count: 20) + "  resident  ppp"))
        #expect(lines[1].hasSuffix("p…"))
    }

    @Test func `columns are never cut so far that nothing can be read`() {
        var table = Table([.flexible("NAME")])
        table.add([String(repeating: "n", count: 40)])
        #expect(table.lines(width: 3)[1].count == 12)
    }

    @Test func `a line break in a cell does not break the table`() {
        var table = Table([.text("A"), .text("B")])
        table.add(["one\ntwo", "three"])
        #expect(table.lines() == ["A        B", "one two  three"])
    }

    @Test func `missing cells are empty`() {
        var table = Table([.text("A"), .text("B")])
        table.add(["x"])
        #expect(table.lines() == ["A  B", "x"])
    }

    @Test(arguments: [
        ([(0.5, Character("█"))], "█████·····"),
        ([(0.25, "█"), (0.25, "░")], "███░░·····"),
        ([(0.9, "█"), (0.9, "░")], "█████████░"),
        ([(.nan, "█"), (-1.0, "░")], "··········"),
        ([], "··········"),
    ])
    func `a bar is always as wide as it should be`(
        shares: [(Double, Character)],
        expected: String
    ) {
        #expect(Bar.line(shares.map { (share: $0.0, letter: $0.1) }, width: 10) == expected)
    }

    @Test(arguments: [
        (Duration.milliseconds(350), "350ms"), (.seconds(12), "12s"), (.seconds(60), "1m"),
        (.seconds(200), "3m 20s"), (.seconds(7500), "2h 5m"), (.seconds(270_000), "3d 3h"),
    ])
    func `times are short`(time: Duration, text: String) {
        #expect(time.brief == text)
    }
}
