/// Images with as many zeros to the left as to the right, and above as below; grey ones the same in every channel.
///
/// Fashion-MNIST's 28×28 become 32×32 in three equal channels with two pixels of zeros at each side.
public struct ImagePadding: Sendable, Hashable {
    /// Channels, height and width, before and after.
    private let image: [Int]
    public let shape: [Int]

    /// - Parameter inputShape: height and width, or channels, height and width.
    /// - Parameter shape: channels, height and width.
    /// - Returns: `nil` unless there is one channel, or as many as asked for, and height and width grow by an even number or
    ///   stay.
    public init?(from inputShape: [Int], to shape: [Int]) {
        let image = inputShape.count == 2 ? [1] + inputShape : inputShape
        guard shape.count == 3, image.count == 3, (image + shape).allSatisfy({ $0 > 0 }),
            image[0] == 1 || image[0] == shape[0],
            (1...2).allSatisfy({ shape[$0] >= image[$0] && (shape[$0] - image[$0]) % 2 == 0 })
        else { return nil }
        self.image = image
        self.shape = shape
    }

    /// - Returns: `nil` if the padded images are more than `LabeledExamples.targetLimit` numbers.
    fileprivate func apply(to inputs: [Double], count: Int) -> [Double]? {
        guard let size = checkedProduct(shape), let total = checkedProduct([size, count]),
            total <= LabeledExamples.targetLimit
        else { return nil }
        let (rows, columns) = (image[1], image[2])
        let (top, left) = ((shape[1] - rows) / 2, (shape[2] - columns) / 2)
        var padded = [Double](repeating: 0, count: total)
        for plane in 0..<count * shape[0] {
            let (example, channel) = (plane / shape[0], plane % shape[0])
            let source = (example * image[0] + (image[0] == 1 ? 0 : channel)) * rows * columns
            let target = (plane * shape[1] + top) * shape[2] + left
            for row in 0..<rows {
                for column in 0..<columns {
                    padded[target + row * shape[2] + column] = inputs[source + row * columns + column]
                }
            }
        }
        return padded
    }
}

extension LabeledExamples {
    /// The images padded to a shape.
    ///
    /// - Parameter shape: channels, height and width.
    /// - Throws: `DataSetError.size` if the examples are no images that `ImagePadding` takes, or too many.
    public func padded(to shape: [Int]) throws(DataSetError) -> LabeledExamples {
        guard let inputs = ImagePadding(from: inputShape, to: shape)?.apply(to: inputs, count: count) else {
            throw .size(
                dataSet: name, quantity: "inputs of shape \(shapeText(inputShape)), of width", found: width,
                expected: "images that grow to \(shapeText(shape)) by the same number of pixels at each side, of one "
                    + "channel or as many")
        }
        return try LabeledExamples(
            name: name, source: source, inputShape: shape, classCount: classCount, inputs: inputs, labels: labels)
    }
}
