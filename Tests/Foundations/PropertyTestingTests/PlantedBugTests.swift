import Foundation
import PropertyTesting
import Testing

/// A property with a planted bug, and the description of its smallest counterexample.
struct PlantedBug: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let smallest: String
    let check: @Sendable (CheckSettings) -> PropertyReport

    init<Value>(
        _ name: String, _ generator: Generator<Value>, smallest: String,
        holds: @escaping @Sendable (Value) throws -> Bool
    ) {
        let property = Property(name, generator, holds: holds)
        testDescription = name
        self.smallest = smallest
        check = { settings in property.check(settings) }
    }
}

/// An expression whose evaluation divides.
indirect enum Expression: Sendable, CustomStringConvertible {
    case number(Int)
    case sum(Expression, Expression)
    case quotient(Expression, Expression)

    static let generator = Generator<Expression>.sized(ofDepth)

    private static func ofDepth(_ size: Int) -> Generator<Expression> {
        let number = Generator.int(in: 0...20).map { Expression.number($0) }
        guard size > 0 else { return number }
        let operand = Generator<Expression> { source in try source.draw(ofDepth(size / 4)) }
        let pair = Generator.zip(operand, operand)
        let sum = pair.map { Expression.sum($0, $1) }
        let quotient = pair.map { Expression.quotient($0, $1) }
        return .frequency([(1, number), (2, sum), (2, quotient)])
    }

    func value() throws -> Int {
        switch self {
        case .number(let number): return number
        case .sum(let left, let right): return try left.value() + right.value()
        case .quotient(let left, let right):
            let divisor = try right.value()
            guard divisor != 0 else { throw PlantedError() }
            return try left.value() / divisor
        }
    }

    var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .sum(let left, let right): "(\(left)+\(right))"
        case .quotient(let left, let right): "(\(left)/\(right))"
        }
    }
}

/// A square matrix whose order is drawn before its entries.
private let squareMatrix = Generator.int(in: 1...6).flatMap { order in
    Generator.array(of: .array(of: .int(in: 0...9), count: order), count: order)
}

/// The length is an ordinary choice: lowering it alone makes the array end with another element.
private let lengthThenElements = Generator<[Int]> { source in
    let count = try source.draw(.int(in: 1...9))
    var values: [Int] = []
    for _ in 0..<count { values.append(try source.draw(.int(in: 0...9))) }
    return values
}

private let digits = Generator.array(of: .int(in: 0...100), count: 0...30)

let plantedBugs: [PlantedBug] = [
    // Single numbers
    PlantedBug("a number from 10 on", .int(in: 0...1000), smallest: "10") { $0 < 10 },
    PlantedBug("a number below −16", .int(in: -1000...1000), smallest: "-17") { $0 > -17 },
    PlantedBug("an even number above 100", .int(in: 0...100_000), smallest: "102") { $0 % 2 == 1 || $0 <= 100 },
    PlantedBug("a number far from 0", .int(in: Int.min...Int.max), smallest: "4294967296") { $0 < 1 << 32 },
    PlantedBug("a filtered number", Generator.int(in: 0...1000).filter { $0 % 2 == 0 }, smallest: "32") { $0 < 31 },
    PlantedBug("a double of at least 3.7", .double(in: 0...100), smallest: "4.0") { $0 < 3.7 },
    PlantedBug("a double between 3 and 4", .double(in: 0...10), smallest: "3.5") { $0 <= 3 || $0 >= 4 },
    PlantedBug("a double just above an integer", .double(in: -50...50), smallest: "4.0") { $0 <= 3 },
    PlantedBug("a negative double", .double(in: -50...50), smallest: "-1.0") { $0 >= 0 },
    PlantedBug("a large log-uniform number", .logUniform(in: 1e-4...1e4), smallest: "128.0") { $0 < 100 },
    PlantedBug("a small log-uniform number", .logUniform(in: 1e-4...1e4), smallest: "0.0078125") { $0 > 0.01 },
    PlantedBug("any log-uniform number below 1", .logUniform(in: 1e-6...1e-2), smallest: "0.01") { _ in false },
    PlantedBug("a normal score below −1.2", .gaussian(), smallest: "-2.0") { $0 > -1.2 },
    PlantedBug("a logarithm of a negative number", .double(in: -9...9), smallest: "-1.0") { !log($0).isNaN },
    // Pairs
    PlantedBug("a sum of two numbers", .zip(.int(in: 0...1000), .int(in: 0...1000)), smallest: "(0, 700)") {
        $0 + $1 < 700
    },
    PlantedBug("two equal numbers", .zip(.int(in: 0...50), .int(in: 0...50)), smallest: "(10, 10)") {
        $0 != $1 || $0 < 10
    },
    PlantedBug("two numbers at a distance", .zip(.int(in: 0...60), .int(in: 0...60)), smallest: "(3, 10)") {
        $1 - $0 != 7 || $0 < 3
    },
    PlantedBug("two numbers in order", .zip(.int(in: 0...99), .int(in: 0...99)), smallest: "(0, 1)") { $0 >= $1 },
    PlantedBug(
        "a part that is zero as a whole", .zip(.zip(.int(in: 0...9), .int(in: 0...9)), .int(in: 0...4)),
        smallest: "((0, 0), 4)"
    ) { rest, last in last != 4 || (rest != (3, 8) && rest != (0, 0)) },
    PlantedBug("an optional that is not nil", .optional(.int(in: -5...5)), smallest: "Optional(0)") { $0 == nil },
    PlantedBug("a thrown error", .int(in: 0...1000), smallest: "13") {
        if $0 >= 13 { throw PlantedError() }
        return true
    },
    // Arrays
    PlantedBug("five elements", digits, smallest: "[0, 0, 0, 0, 0]") { $0.count < 5 },
    PlantedBug("a large element", digits, smallest: "[43]") { $0.allSatisfy { $0 <= 42 } },
    PlantedBug("a large sum", digits, smallest: "[1, 100]") { $0.reduce(0, +) <= 100 },
    PlantedBug("a duplicate", digits, smallest: "[0, 0]") { Set($0).count == $0.count },
    PlantedBug("a large duplicate", .array(of: .int(in: 0...20), count: 0...30), smallest: "[8, 8]") { values in
        !values.indices.contains { first in values[first] > 7 && values.dropFirst(first + 1).contains(values[first]) }
    },
    PlantedBug("three distinct elements", digits, smallest: "[0, 1, 2]") { Set($0).count < 3 },
    PlantedBug("an array that is not sorted", digits, smallest: "[1, 0]") { $0 == $0.sorted() },
    PlantedBug("an array that is no palindrome", digits, smallest: "[0, 1]") { $0 == $0.reversed() },
    PlantedBug("nested arrays", .array(of: .array(of: .int(), count: 0...5), count: 0...8), smallest: "[[0, 0, 0]]") {
        $0.reduce(0) { $0 + $1.count } < 3
    },
    PlantedBug("an array of doubles", .array(of: .double(in: -10...10), count: 0...20), smallest: "[3.0, 3.0]") {
        $0.count { $0 > 2.5 } < 2
    },
    PlantedBug("a triple equality", .array(of: .int(in: 0...9), count: 3), smallest: "[4, 4, 4]") {
        $0[0] < 4 || $0[0] != $0[1] || $0[1] != $0[2]
    },
    // Structures
    PlantedBug("an entry of a square matrix", squareMatrix, smallest: "[[5]]") { rows in
        rows.joined().allSatisfy { $0 < 5 }
    },
    PlantedBug("a trace", squareMatrix, smallest: "[[0, 0], [0, 1]]") { rows in
        rows.count < 2 || rows.indices.map { rows[$0][$0] }.reduce(0, +) == 0
    },
    PlantedBug("an array behind its length, where a wrong end is discarded", lengthThenElements, smallest: "[0, 7]") {
        guard $0.last == 7 else { throw Discard("does not end with 7") }
        return $0.count < 2
    },
    PlantedBug("a division by zero", Expression.generator, smallest: "(0/0)") { _ = try $0.value(); return true },
]

@Suite struct `Shrinking finds the smallest case` {
    @Test(arguments: plantedBugs)
    func `of each planted bug, whatever case revealed it`(bug: PlantedBug) throws {
        for seed in 1...12 as ClosedRange<UInt64> {
            let report = bug.check(CheckSettings(cases: 3_000, seed: seed, sizes: .constant(100)))
            let counterexample = try #require(report.counterexample, "seed \(seed): \(report)")
            #expect(counterexample.description == bug.smallest, "seed \(seed): \(report)")
            #expect(counterexample.isFullyShrunk && counterexample.isReproducible)
        }
    }
}
