{ Prints the first Fibonacci numbers: each is the sum of the two before it. }
program Fibonacci;

const
  Count = 15;

var
  Previous, Current, Next: LongInt;
  I: Integer;

begin
  Previous := 0;
  Current := 1;
  for I := 1 to Count do
  begin
    Write(Current, ' ');
    Next := Previous + Current;
    Previous := Current;
    Current := Next;
  end;
  WriteLn;
end.
