namespace Provision.Spec;

/// <summary>A unit and how many canonical units it is.</summary>
internal readonly record struct Unit(string Suffix, long Factor);

/// <summary>Numbers with units, in exact integer arithmetic: nothing is rounded and nothing overflows silently.</summary>
internal static class Measure
{
    /// <summary>JSON Schema form of the numbers that <see cref="TryParse"/> reads.</summary>
    public const string NumberPattern = @"(0|[1-9][0-9]*)(\.[0-9]+)?";

    private const int MostDigits = 20;

    /// <param name="grain">The canonical unit in words ("byte"), for "is not a whole number of bytes".</param>
    public static bool TryParse(string text, ReadOnlySpan<Unit> units, string grain, out long number, out string? error)
    {
        number = 0;
        var cut = text.AsSpan().IndexOfAnyExcept("0123456789.");
        var digits = cut < 0 ? text : text[..cut];
        var suffix = cut < 0 ? "" : text[cut..];
        if (digits.Length == 0)
        {
            error = text.StartsWith('-') ? $"{Shown.Text(text)} is negative" : $"{Shown.Text(text)} is not a number";
            return false;
        }

        foreach (var unit in units)
        {
            if (unit.Suffix == suffix)
            {
                error = Scale(digits, unit.Factor, grain, text, out number);
                return error is null;
            }
        }

        error = UnknownUnit(text, digits, suffix, units);
        return false;
    }

    /// <summary>The shortest exact way to write the number; of equally short ones the unit listed first.</summary>
    public static string Format(long number, ReadOnlySpan<Unit> units)
    {
        string? best = null;
        foreach (var unit in units)
        {
            if (number % unit.Factor != 0 || (number == 0 && unit.Factor != 1))
                continue;
            var text = (number / unit.Factor).ToString(System.Globalization.CultureInfo.InvariantCulture) + unit.Suffix;
            if (best is null || text.Length < best.Length)
                best = text;
        }

        return best ?? number.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>JSON Schema pattern for a number with one of the units, or one of the words.</summary>
    public static string Pattern(ReadOnlySpan<Unit> units, bool allowMax)
    {
        var suffixes = new List<string>();
        foreach (var unit in units)
            suffixes.Add(unit.Suffix);
        return $"^({(allowMax ? "max|" : "")}{NumberPattern}({string.Join('|', suffixes)}))$";
    }

    private static string? Scale(string digits, long factor, string grain, string text, out long number)
    {
        number = 0;
        var point = digits.IndexOf('.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? "" : digits[(point + 1)..].TrimEnd('0');
        if (whole.Length == 0 || (point >= 0 && point == digits.Length - 1) || digits.IndexOf('.', point + 1) >= 0 && point >= 0)
            return $"{Shown.Text(text)} is not a number";
        if (whole.Length > 1 && whole[0] == '0')
            return $"{Shown.Text(text)} has a leading zero; numbers are decimal";
        if (whole.Length + fraction.Length > MostDigits)
            return $"{Shown.Text(text)} has too many digits";

        // At most 20 digits times a factor below 2^60 fits into 128 bits.
        var scaled = UInt128.Parse(whole + fraction, System.Globalization.CultureInfo.InvariantCulture) * (UInt128)factor;
        var divisor = UInt128.One;
        for (var i = 0; i < fraction.Length; i++)
            divisor *= 10;
        var (quotient, rest) = UInt128.DivRem(scaled, divisor);
        if (rest != 0)
            return $"{Shown.Text(text)} is not a whole number of {grain}s";
        if (quotient >= long.MaxValue)
            return $"{Shown.Text(text)} is too large";
        number = (long)quotient;
        return null;
    }

    private static string UnknownUnit(string text, string digits, string suffix, ReadOnlySpan<Unit> units)
    {
        var known = new List<string>();
        foreach (var unit in units)
            if (unit.Suffix.Length > 0)
                known.Add(unit.Suffix);
        if (suffix.Length == 0)
            return $"{Shown.Text(text)} has no unit: write {Shown.OneOf([.. known.Select(k => digits + k)])}";
        var near = known.Find(k => string.Equals(k, suffix.TrimStart(), StringComparison.OrdinalIgnoreCase))
            ?? known.Find(k => string.Equals(k + "B", suffix.TrimStart(), StringComparison.OrdinalIgnoreCase));
        return $"{Shown.Text(text)} has an unknown unit {Shown.Text(suffix)}; "
            + (near is null ? $"the units are {Shown.OneOf(known)}" : $"did you mean {digits}{near}?");
    }
}
