"""The source of a roll, extracts of the municipal register, and voting codes."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ballots', '0011_polls_that_are_not_secret'),
    ]

    operations = [
        migrations.AddField(
            model_name='vote',
            name='roll_source',
            field=models.CharField(choices=[('accounts', 'accounts on this site'), ('register', 'an extract of the municipal register; people vote with a code from a letter')], default='accounts', max_length=8, verbose_name='where the list of voters comes from'),
        ),
        migrations.CreateModel(
            name='RegisteredVoter',
            fields=[
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number_hash', models.BinaryField(max_length=32)),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                ('street', models.CharField(blank=True, max_length=100, verbose_name='street')),
                ('house_number', models.PositiveIntegerField(blank=True, null=True, verbose_name='house number')),
                ('addition', models.CharField(blank=True, max_length=10, verbose_name='addition')),
                ('postcode', models.CharField(blank=True, max_length=6, verbose_name='postcode')),
                ('city', models.CharField(blank=True, max_length=80, verbose_name='city')),
                ('birth_date', models.DateField(blank=True, null=True, verbose_name='date of birth')),
                ('electorate', models.CharField(blank=True, max_length=50, verbose_name='group of voters')),
                ('is_secret', models.BooleanField(default=False, verbose_name='secret address')),
                ('is_test', models.BooleanField(default=False)),
                ('vote', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='register', to='ballots.vote')),
            ],
            options={
                'verbose_name': 'person in the register extract',
                'verbose_name_plural': 'persons in the register extract',
            },
        ),
        migrations.CreateModel(
            name='VotingCode',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('code_hash', models.BinaryField(max_length=32, unique=True)),
                ('way', models.CharField(choices=[('letter', 'by letter'), ('counter', 'at the counter'), ('test', 'for a dry run')], max_length=7, verbose_name='how it was given')),
                ('issued_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='given on')),
                ('voided_at', models.DateTimeField(blank=True, null=True, verbose_name='void since')),
                ('voter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='ballots.registeredvoter')),
            ],
            options={
                'verbose_name': 'voting code',
                'verbose_name_plural': 'voting codes',
            },
        ),
        migrations.AddConstraint(
            model_name='registeredvoter',
            constraint=models.UniqueConstraint(fields=('vote', 'number_hash'), name='one_registered_voter_per_number', violation_error_message='This register number is in the extract already.'),
        ),
        migrations.AddConstraint(
            model_name='votingcode',
            constraint=models.UniqueConstraint(condition=models.Q(('voided_at', None)), fields=('voter',), name='one_valid_code_per_voter'),
        ),
        migrations.AddConstraint(
            model_name='vote',
            constraint=models.CheckConstraint(condition=models.Q(('not_secret', False), ('roll_source', 'accounts'), _connector='OR'), name='votes_by_card_are_secret', violation_error_message='A vote by card from the register is always secret.'),
        ),
    ]
