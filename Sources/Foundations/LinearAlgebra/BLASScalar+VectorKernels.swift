internal import CVectorKernels

/// The kernels of `CVectorKernels`, whose header says what they compute.
extension Double {
    public static func _columnDots(
        _ a: UnsafePointer<Double>, _ stride: Int, _ columns: UnsafePointer<Int32>, _ count: Int,
        _ x: UnsafePointer<Double>, _ dots: UnsafeMutablePointer<Double>
    ) {
        column_dots_double(a, stride, columns, count, x, dots)
    }

    public static func _addColumns(
        _ a: UnsafePointer<Double>, _ stride: Int, _ columns: UnsafePointer<Int32>, _ count: Int,
        _ factors: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>
    ) {
        add_columns_double(a, stride, columns, count, factors, y)
    }

    public static func _listNonzero(
        _ x: UnsafePointer<Double>, _ first: Int, _ end: Int, _ listed: UnsafeMutablePointer<Int32>
    ) -> Int {
        list_nonzero_double(x, first, end, listed)
    }

    public static func _adamStep(
        _ size: Double, _ epsilon: Double, _ keepMean: Double, _ keepSquare: Double, _ factors: UnsafePointer<Double>,
        _ direction: UnsafePointer<Double>, _ rows: Int, _ columns: Int, _ means: UnsafeMutablePointer<Double>,
        _ squares: UnsafeMutablePointer<Double>, _ weights: UnsafeMutablePointer<Double>
    ) -> Double {
        adam_step_double(
            size, epsilon, keepMean, keepSquare, factors, direction, rows, columns, means, squares, weights)
    }
}

extension Float {
    public static func _columnDots(
        _ a: UnsafePointer<Float>, _ stride: Int, _ columns: UnsafePointer<Int32>, _ count: Int,
        _ x: UnsafePointer<Float>, _ dots: UnsafeMutablePointer<Float>
    ) {
        column_dots_float(a, stride, columns, count, x, dots)
    }

    public static func _addColumns(
        _ a: UnsafePointer<Float>, _ stride: Int, _ columns: UnsafePointer<Int32>, _ count: Int,
        _ factors: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>
    ) {
        add_columns_float(a, stride, columns, count, factors, y)
    }

    public static func _listNonzero(
        _ x: UnsafePointer<Float>, _ first: Int, _ end: Int, _ listed: UnsafeMutablePointer<Int32>
    ) -> Int {
        list_nonzero_float(x, first, end, listed)
    }

    public static func _adamStep(
        _ size: Float, _ epsilon: Float, _ keepMean: Float, _ keepSquare: Float, _ factors: UnsafePointer<Float>,
        _ direction: UnsafePointer<Float>, _ rows: Int, _ columns: Int, _ means: UnsafeMutablePointer<Float>,
        _ squares: UnsafeMutablePointer<Float>, _ weights: UnsafeMutablePointer<Float>
    ) -> Double {
        adam_step_float(
            size, epsilon, keepMean, keepSquare, factors, direction, rows, columns, means, squares, weights)
    }
}
