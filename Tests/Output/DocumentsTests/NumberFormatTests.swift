import Documents
import JSON
import Testing

@Suite struct NumberFormatTests {
    @Test(arguments: [
        (0.041, 2, "0.041"), (35.2, 2, "35"), (293, 2, "2.9e2"), (293, 3, "293"),
        (0.3, 2, "0.30"), (1, 1, "1"), (1, 4, "1.000"), (9.996, 3, "10.0"), (999.6, 3, "1.00e3"),
        (0.001, 3, "0.00100"), (0.000999, 3, "9.99e-4"), (0.0009999, 3, "0.00100"),
        (-0.041, 2, "-0.041"), (-1.5e-12, 3, "-1.50e-12"), (1.7976931348623157e308, 3, "1.80e308"),
        (.leastNonzeroMagnitude, 2, "4.9e-324"), (0, 3, "0"), (-0.0, 3, "0"),
        (0.125, 2, "0.12"), (0.375, 2, "0.38"), (0.15, 1, "0.1"),
    ])
    func significantDigits(value: Double, digits: Int, expected: String) {
        #expect(NumberFormat.significant(digits).string(value) == expected)
    }

    @Test("Two numbers are shown with the digits in which they differ", arguments: [
        (0.913, 0.921, "0.91", "0.92"), (0.9112, 0.9149, "0.911", "0.915"), (0.91121, 0.91122, "0.9112", "0.9112"),
        (8.1, 9, "8.1", "9.0"),
    ])
    func digitsThatTell(value: Double, other: Double, expected: String, otherExpected: String) {
        #expect(NumberFormat.telling(value, from: other) == (expected, otherExpected))
    }

    @Test("no more than four digits, no fewer than one", arguments: [(17, 4), (0, 1), (-3, 1)])
    func digitsAreLimited(asked: Int, got: Int) {
        let value = 1.23456789
        #expect(
            NumberFormat.significant(asked).string(value)
                == NumberFormat.significant(got).string(value))
    }

    @Test(arguments: [
        (0.01, "0.01"), (100, "100"), (1000, "1000"), (10000, "1e4"), (0.001, "0.001"),
        (1e-4, "1e-4"), (2.5, "2.5"), (0.123456, "0.1235"), (-1200, "-1200"), (0, "0"),
        (123456, "1.235e5"),
    ])
    func settings(value: Double, expected: String) {
        #expect(NumberFormat.setting.string(value) == expected)
    }

    @Test(arguments: [
        (0, "0 s"), (0.00412, "4.12 ms"), (0.9994, "999 ms"), (0.9996, "1.00 s"), (1.5, "1.50 s"),
        (8.5e-5, "85.0 µs"), (3e-9, "3.00 ns"), (119.4, "119 s"), (119.6, "1.99 min"),
        (750, "12.5 min"), (7199, "2.00 h"), (-0.5, "-500 ms"), (1e9, "2.78e5 h"),
    ])
    func durations(seconds: Double, expected: String) {
        #expect(NumberFormat.seconds.string(seconds) == expected)
    }

    @Test(arguments: [
        (0.123, "12.3 %"), (1, "100 %"), (0, "0 %"), (12.5, "1.25e3 %"), (-0.5, "-50.0 %"),
        (1e308, "inf %"),
    ])
    func percent(fraction: Double, expected: String) {
        #expect(NumberFormat.percent.string(fraction) == expected)
    }

    @Test(arguments: [NumberFormat.significant(3), .setting, .seconds, .percent])
    func notFinite(format: NumberFormat) {
        #expect(format.string(.nan) == "NaN")
        #expect(format.string(-.nan) == "NaN")
        #expect(format.string(.infinity) == "inf")
        #expect(format.string(-.infinity) == "-inf")
    }

    @Test("what is shown differs from the value by at most half a unit of the last digit")
    func relativeErrorIsSmall() throws {
        var value = 1.2345e-20
        while value < 1e20 {
            for digits in 1...4 {
                let shown = try #require(Double(NumberFormat.significant(digits).string(value)))
                var bound = 0.5
                for _ in 1..<digits { bound /= 10 }
                #expect(abs(shown - value) <= bound * value * (1 + 1e-12))
            }
            value *= 1.7
        }
    }

    @Test(arguments: [
        0.1, 1e-10, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -0.0, 2.0 / 3, 1e16, 100,
    ])
    func exactTextReadsBack(value: Double) throws {
        let read = try #require(Double(value.exactText))
        #expect(read.bitPattern == value.bitPattern)
        #expect(Double(Double.nan.exactText)?.isNaN == true)
        #expect(Double((-Double.infinity).exactText) == -.infinity)
    }
}
