/// A recipe that makes values of one type from a source of choices.
///
/// A generator is a pure function of the size and the choices: it must not depend on anything else that changes
/// (time, the system's random numbers, global state), or its cases cannot be replayed.
///
/// Write a compound generator in direct style, drawing one part after the other:
///
/// ```swift
/// let interval = Generator<(Double, Double)> { source in
///     let low = try source.draw(.double(in: -10...10))
///     let width = try source.draw(.logUniform(in: 0.01...100))
///     return (low, low + width)
/// }
/// ```
///
/// A generator may throw ``Discard`` where it has no value. Any other error that it throws fails the case.
///
/// Draw what decides the shape (lengths, alternatives) before what fills it: shrinking lowers early choices first.
public struct Generator<Value>: Sendable {
    let make: @Sendable (inout ChoiceSource) throws -> Value

    public init(_ make: @escaping @Sendable (inout ChoiceSource) throws -> Value) {
        self.make = make
    }

    /// The generator that discards every case with this reason: what remains where there is nothing to choose from.
    public static func nothing(_ reason: String) -> Generator {
        Generator { _ in throw Discard(reason) }
    }
}
