Console.WriteLine("provision 0.1.0");
