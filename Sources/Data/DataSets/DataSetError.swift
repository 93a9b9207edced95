/// What can go wrong in obtaining a data set. Every case names the data set or file, and says what
/// was found and what was expected.
public enum DataSetError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file is not there; `remedy` says where to get it.
    case missing(dataSet: String, file: String, remedy: String)
    /// A file is not valid IDX.
    case idx(IDXError)
    /// A valid IDX file of the wrong shape: not `expected` (for example "3 dimensions").
    case dimensions(file: String, found: [Int], expected: String)
    /// The files of images and of labels do not belong together.
    case countMismatch(images: String, imageCount: Int, labels: String, labelCount: Int)
    /// A label is not in `0 ..< classCount`.
    case label(dataSet: String, index: Int, found: Int, classCount: Int)
    /// An input is NaN or infinite; `index` counts all inputs, example by example.
    case notFinite(dataSet: String, index: Int, value: String)
    /// More examples were asked for than there are, or a negative number.
    case selection(dataSet: String, requested: Int, available: Int)
    /// An example asked for by its index is not there.
    case exampleIndex(dataSet: String, index: Int, count: Int)
    /// A size or the number of inputs is not what it must be.
    case size(dataSet: String, quantity: String, found: Int, expected: String)

    public var description: String {
        switch self {
        case .missing(let dataSet, let file, let remedy):
            "data set \(dataSet): \(file) not found; \(remedy)"
        case .idx(let error):
            error.description
        case .dimensions(let file, let found, let expected):
            "\(file): dimensions \(shapeText(found)), expected \(expected)"
        case .countMismatch(let images, let imageCount, let labels, let labelCount):
            "\(images) holds \(imageCount) images but \(labels) \(labelCount) labels, expected "
                + "as many"
        case .label(let dataSet, let index, let found, let classCount):
            "data set \(dataSet): the label of example \(index) is \(found), expected an "
                + "integer from 0 to below \(classCount)"
        case .notFinite(let dataSet, let index, let value):
            "data set \(dataSet): input \(index) is \(value), expected a finite number"
        case .selection(let dataSet, let requested, let available):
            "data set \(dataSet): \(requested) examples asked for, expected a number from 0 to "
                + "\(available)"
        case .exampleIndex(let dataSet, let index, let count):
            "data set \(dataSet): example \(index) asked for, found \(count) examples, "
                + "expected an index in 0..<\(count)"
        case .size(let dataSet, let quantity, let found, let expected):
            "data set \(dataSet): \(quantity) \(found), expected \(expected)"
        }
    }
}
