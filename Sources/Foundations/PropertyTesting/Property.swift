/// A claim about all values of a generator.
///
/// The body returns a *margin*: how far inside its bound the quantity in question is, in units of the bound. At most
/// 1 holds; above 1 and NaN are violations. A margin tells more than a Boolean: that the worst of 10,000 cases came to
/// 0.03 or to 0.97 of the bound.
///
/// ```swift
/// let property = Property("sorting keeps the length", .array(of: .int(in: -9...9), count: 0...20)) { values in
///     values.sorted().count == values.count
/// }
/// let report = property.check()
/// #expect(report.outcome == .passed, "\(report)")
/// ```
///
/// The body must be a function of its value, or failures cannot be reproduced. It may throw: ``Discard`` discards
/// the case, any other error is a failure.
public struct Property<Value>: Sendable {
    /// The name, under which past failures are stored.
    public let name: String
    let generator: Generator<Value>
    let describe: @Sendable (Value) -> String
    let body: @Sendable (Value, inout CaseContext) throws -> Double

    /// A property whose body returns a margin and may label its case.
    public init(
        _ name: String, _ generator: Generator<Value>,
        describedBy describe: @escaping @Sendable (Value) -> String = { String(describing: $0) },
        margin body: @escaping @Sendable (Value, inout CaseContext) throws -> Double
    ) {
        self.name = name
        self.generator = generator
        self.describe = describe
        self.body = body
    }

    /// A property whose body returns whether it holds: true is the margin 0, false the margin infinity.
    public init(
        _ name: String, _ generator: Generator<Value>,
        describedBy describe: @escaping @Sendable (Value) -> String = { String(describing: $0) },
        holds body: @escaping @Sendable (Value) throws -> Bool
    ) {
        self.init(name, generator, describedBy: describe, margin: { value, _ in try body(value) ? 0 : .infinity })
    }
}
