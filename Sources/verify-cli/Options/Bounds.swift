import ArgumentParser

/// How all commands refuse a number that an option does not take.
enum Bounds {
    static func check(_ option: String, _ value: Int?, in range: ClosedRange<Int>) throws {
        if let value, !range.contains(value) {
            throw ValidationError("\(option) must be between \(range.lowerBound) and \(range.upperBound).")
        }
    }

    static func check(_ option: String, _ value: Int?, in range: PartialRangeFrom<Int>) throws {
        if let value, !range.contains(value) {
            let least = range.lowerBound
            throw ValidationError("\(option) must " + (least == 0 ? "not be negative." : "be at least \(least)."))
        }
    }

    static func checkPositive(_ option: String, _ value: Double?) throws {
        if let value, !(value > 0 && value.isFinite) {
            throw ValidationError("\(option) must be positive and finite.")
        }
    }
}
