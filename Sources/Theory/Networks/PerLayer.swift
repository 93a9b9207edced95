/// One value for each of several neighbouring layers, subscripted by the layer's own number.
///
/// Activities `h₁ … h_N` begin at layer 1 and rates `a₀ … a_{N−1}` at layer 0: the index of a formula
/// is the subscript. Slices keep the numbers, so `activities.dropLast()` holds the hidden layers
/// `1..<N`. A subscript costs what an array's does; a slice is a copy, `O(layers)`.
public struct PerLayer<Element> {
    /// The values alone, from the first layer to the last.
    public var elements: [Element]
    /// The number of the first layer.
    public let startIndex: Int

    /// The values of layers `first, first + 1, …`.
    @inlinable
    public init(from first: Int, _ elements: some Sequence<Element>) {
        self.elements = Array(elements)
        startIndex = first
    }

    /// The values that `make` gives for the numbers of `layers`.
    @inlinable
    public init<Failure: Error>(
        _ layers: Range<Int>, _ make: (Int) throws(Failure) -> Element
    ) throws(Failure) {
        elements = try layers.map(make)
        startIndex = layers.lowerBound
    }

    /// Adds the value of the next layer.
    @inlinable
    public mutating func append(_ value: Element) { elements.append(value) }

    /// What `transform` makes of each value, for the same layers.
    @inlinable
    public func mapValues<Result, Failure: Error>(
        _ transform: (Element) throws(Failure) -> Result
    ) throws(Failure) -> PerLayer<Result> {
        PerLayer<Result>(from: startIndex, try elements.map(transform))
    }
}

extension PerLayer: RandomAccessCollection, MutableCollection {
    @inlinable public var endIndex: Int { startIndex + elements.count }

    /// The value of layer `layer`.
    ///
    /// - Precondition: `layer` is in `indices`.
    @inlinable
    public subscript(layer: Int) -> Element {
        get { elements[layer - startIndex] }
        _modify { yield &elements[layer - startIndex] }
    }

    /// The values of some of the layers, with the same numbers.
    @inlinable
    public subscript(layers: Range<Int>) -> PerLayer {
        get {
            PerLayer(
                from: layers.lowerBound,
                elements[layers.lowerBound - startIndex..<layers.upperBound - startIndex])
        }
        set {
            elements.replaceSubrange(
                layers.lowerBound - startIndex..<layers.upperBound - startIndex, with: newValue.elements)
        }
    }
}

extension PerLayer: Equatable where Element: Equatable {}
extension PerLayer: Hashable where Element: Hashable {}
extension PerLayer: Sendable where Element: Sendable {}
